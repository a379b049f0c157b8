# Every function of functions/main.py, deployed from one staged bundle, each as an account of its own (iam.tf).

locals {
  # Who calls it: `http` is the internet; a topic, a queue and a schedule call with the token of the one caller.
  functions = {
    advance = { topic = "events", max = 40, timeout = 120 }
    api     = { trigger = "http", max = 10, timeout = 60 }
    attempt = { queue = "deliveries", max = 20, timeout = 60 }
    bury    = { topic = "dead-letters", max = 4, timeout = 120 }
    collect = { topic = "forms", max = 4, timeout = 540 }
    console = { trigger = "http", max = 10, timeout = 60, memory = "1Gi" }
    deliver = { topic = "notices", max = 20, timeout = 120 }
    intake  = { trigger = "http", max = 20, timeout = 60 }
    portal  = { trigger = "http", max = 20, timeout = 60 }
    reports = { trigger = "http", max = 4, timeout = 60 }
    ring    = { queue = "timers", max = 20, timeout = 60 }
    sweep   = { schedule = "*/5 * * * *", max = 1, timeout = 1740 }
  }

  pushed    = { for name, each in local.functions : name => each.topic if can(each.topic) }
  queued    = { for name, each in local.functions : name => each.queue if can(each.queue) }
  scheduled = { for name, each in local.functions : name => each.schedule if can(each.schedule) }
  called    = merge(local.pushed, local.queued, local.scheduled)

  # Dealers of messages sign what they send to `reports`; until there is one, nobody may call it.
  public = toset([
    for name, each in local.functions : name
    if can(each.trigger) && (name != "reports" || contains(var.set_up, "dealer"))
  ])

  # A service's address with the project's number in it is known before the service is made; so functions can be told
  # of each other, and of their own, without a circle.
  urls = {
    for name in keys(local.functions) :
    name => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }
  reached = { for name in ["api", "console", "portal"] : name => coalesce(var.addresses[name], local.urls[name]) }

  threads = 16 # requests that one instance takes at once; most of them wait for Google

  environment = {
    GOOGLE_CLOUD_PROJECT = var.project
    SADARI_CALLER        = google_service_account.caller.email
    SADARI_CERTS_URL     = "https://www.googleapis.com/oauth2/v1/certs"
    SADARI_PORTAL_URL    = local.reached.portal
    SADARI_QUEUE         = google_cloud_tasks_queue.queue["timers"].id
    SADARI_RING_URL      = local.urls.ring
    SADARI_SOURCES       = "{}" # whoever knows the sources gets the secret in its place
    THREADS              = tostring(local.threads)
  }
  traces = jsonencode({ to = "https://telemetry.googleapis.com/v1/traces", share = var.traces_share })
  partners = jsonencode({
    attempt_url = local.urls.attempt
    origin      = var.origin
    queue       = google_cloud_tasks_queue.queue["deliveries"].id
    topic       = google_pubsub_topic.topic["partner-events"].id
    url         = local.reached.api
  })
}

resource "google_cloudfunctions2_function" "function" {
  for_each = local.functions

  name     = each.key
  project  = var.project
  location = var.region

  build_config {
    runtime           = "python311"
    entry_point       = each.key
    docker_repository = google_artifact_registry_repository.functions.id
    service_account   = google_service_account.builder.id

    # Images reset the times of files, and bytecode that goes by them is compiled anew at each cold start; with this
    # the build writes bytecode that goes by the hash of its source.
    environment_variables = { SOURCE_DATE_EPOCH = "315532800" }

    source {
      storage_source {
        bucket = google_storage_bucket.bundles.name
        object = google_storage_bucket_object.bundle.name
      }
    }
  }

  service_config {
    all_traffic_on_latest_revision   = true
    available_cpu                    = coalesce(try(var.capacity[each.key].cpu, null), "1")
    available_memory                 = coalesce(try(var.capacity[each.key].memory, null), try(each.value.memory, "512Mi"))
    ingress_settings                 = contains(local.public, each.key) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    max_instance_count               = coalesce(try(var.capacity[each.key].max, null), each.value.max)
    max_instance_request_concurrency = local.threads
    min_instance_count               = coalesce(try(var.capacity[each.key].min, null), 0)
    service_account_email            = google_service_account.function[each.key].email
    timeout_seconds                  = each.value.timeout

    environment_variables = merge(
      { for name, value in local.environment : name => value if !contains(values(local.secret_names[each.key]), name) },
      { SADARI_AUDIENCE = local.urls[each.key] },
      var.database == "(default)" ? {} : { SADARI_DATABASE = var.database },
      var.traces_share == 0 ? {} : { SADARI_TRACES = local.traces },
      contains(keys(local.called), each.key) ? { SADARI_IAM = "checked" } : {},
      local.rights[each.key].tells_partners ? { SADARI_PARTNERS = local.partners } : {},
    )

    dynamic "secret_environment_variables" {
      for_each = local.secret_names[each.key]

      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = google_secret_manager_secret.secret[secret_environment_variables.key].secret_id
        version    = lookup(var.versions, secret_environment_variables.key, "latest") # read when an instance starts
      }
    }
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.builder,
    google_project_iam_member.builder_logs,
    google_project_iam_member.builder_sources,
    google_project_service.service,
    google_secret_manager_secret_iam_member.function,
    google_secret_manager_secret_version.first,
    google_storage_bucket_iam_member.builder,
  ]
}
