# Who may do what.  Nothing here is an editor or an owner, and there are no keys.

locals {
  # What each function really does, by its code:
  #   documents        `all` of Firestore; `kept`: all but deleting.  Firestore knows no rights by collection.
  #   enqueues         the queues that it sets alarms on
  #   publishes        the topics that it publishes to
  #   secrets          what it has to know; of the optional ones only what is set up
  #   tells_partners   whether it is told how partners are told
  rights = {
    advance = { documents = "all", enqueues = ["timers"], publishes = ["events", "notices"], secrets = ["key"], tells_partners = false }
    api     = { documents = "kept", enqueues = ["deliveries"], publishes = [], secrets = ["key", "mail"], tells_partners = true }
    attempt = { documents = "kept", enqueues = ["deliveries"], publishes = [], secrets = ["key", "mail"], tells_partners = true }
    bury    = { documents = "kept", enqueues = ["timers"], publishes = ["events", "notices"], secrets = ["key"], tells_partners = false }
    collect = { documents = "all", enqueues = [], publishes = ["events"], secrets = ["forms", "key"], tells_partners = false }
    # The console sends no letters but to mailboxes of partners; whether one that staff release can leave at all depends on
    # the channels.
    console = { documents = "all", enqueues = ["deliveries"], publishes = ["events", "notices"], secrets = ["console", "dealer", "key", "mail"], tells_partners = true }
    deliver = { documents = "all", enqueues = ["deliveries"], publishes = ["events", "notices", "partner-events"], secrets = ["dealer", "key", "links", "mail"], tells_partners = true }
    intake  = { documents = "all", enqueues = [], publishes = ["events"], secrets = ["forms", "key", "sources"], tells_partners = false }
    portal  = { documents = "all", enqueues = [], publishes = ["events"], secrets = ["key", "links"], tells_partners = false }
    reports = { documents = "kept", enqueues = [], publishes = [], secrets = ["dealer", "key", "mail"], tells_partners = false }
    ring    = { documents = "kept", enqueues = [], publishes = ["events"], secrets = ["key"], tells_partners = false }
    sweep   = { documents = "all", enqueues = ["deliveries"], publishes = ["events"], secrets = ["dealer", "forms", "key", "mail"], tells_partners = true }
  }

  publishers = merge([
    for name, right in local.rights : { for topic in right.publishes : "${name}/${topic}" => { function = name, topic = topic } }
  ]...)
  enqueuers = merge([
    for name, right in local.rights : { for queue in right.enqueues : "${name}/${queue}" => { function = name, queue = queue } }
  ]...)
  secret_readers = merge([
    for name, secrets in local.secret_names : { for secret in keys(secrets) : "${name}/${secret}" => { function = name, secret = secret } }
  ]...)

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "fn-${each.key}"
  project      = var.project
  display_name = "The function ${each.key}"

  depends_on = [google_project_service.service]
}

resource "google_service_account" "caller" {
  account_id   = "caller"
  project      = var.project
  display_name = "Pub/Sub, Cloud Tasks and Cloud Scheduler, when they call a function"

  depends_on = [google_project_service.service]
}

resource "google_service_account" "builder" {
  account_id   = "builder"
  project      = var.project
  display_name = "Cloud Build, when it builds a function"

  depends_on = [google_project_service.service]
}

resource "google_project_iam_member" "builder_logs" {
  project = var.project
  member  = google_service_account.builder.member
  role    = "roles/logging.logWriter"
}

# What is deployed is copied into a bucket that Cloud Functions makes itself, and built from there.
resource "google_project_iam_member" "builder_sources" {
  project = var.project
  member  = google_service_account.builder.member
  role    = "roles/storage.objectViewer"

  condition {
    title      = "Sources alone"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}\")"
  }
}

# Documents

resource "google_project_iam_custom_role" "documents" {
  for_each = {
    all  = ["create", "delete", "get", "list", "update"]
    kept = ["create", "get", "list", "update"]
  }

  project     = var.project
  role_id     = "sadariDocuments${title(each.key)}"
  title       = "Sadari: documents, ${each.key}"
  permissions = [for verb in each.value : "datastore.entities.${verb}"]
}

resource "google_project_iam_member" "documents" {
  for_each = local.rights

  project = var.project
  member  = google_service_account.function[each.key].member
  role    = google_project_iam_custom_role.documents[each.value.documents].id
}

# Traces

resource "google_project_iam_member" "traces" {
  for_each = var.traces_share == 0 ? {} : local.functions

  project = var.project
  member  = google_service_account.function[each.key].member
  role    = "roles/cloudtrace.agent"
}

# Topics

resource "google_pubsub_topic_iam_member" "function" {
  for_each = local.publishers

  project = var.project
  topic   = google_pubsub_topic.topic[each.value.topic].name
  member  = google_service_account.function[each.value.function].member
  role    = "roles/pubsub.publisher"
}

resource "google_pubsub_topic_iam_member" "google_forms" {
  project = var.project
  topic   = google_pubsub_topic.topic["forms"].name
  member  = "serviceAccount:forms-notifications@system.gserviceaccount.com"
  role    = "roles/pubsub.publisher"
}

# Pub/Sub itself forwards what could not be delivered, and signs in as the caller.

resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = var.project
  topic   = google_pubsub_topic.topic["dead-letters"].name
  member  = local.pubsub_agent
  role    = "roles/pubsub.publisher"
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = { for name, topic in local.pushed : name => topic if topic != "dead-letters" }

  project      = var.project
  subscription = google_pubsub_subscription.pushed[each.key].name
  member       = local.pubsub_agent
  role         = "roles/pubsub.subscriber"
}

resource "google_service_account_iam_member" "pubsub_as_caller" {
  service_account_id = google_service_account.caller.name
  member             = local.pubsub_agent
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"

  depends_on = [google_pubsub_topic.topic] # the agent is there once Pub/Sub has been used
}

# Queues: a task says as whom it calls, so whoever makes one has to be allowed to.

resource "google_cloud_tasks_queue_iam_member" "function" {
  for_each = local.enqueuers

  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.queue[each.value.queue].name
  member   = google_service_account.function[each.value.function].member
  role     = "roles/cloudtasks.enqueuer"
}

resource "google_service_account_iam_member" "function_as_caller" {
  for_each = { for name, right in local.rights : name => right if length(right.enqueues) > 0 }

  service_account_id = google_service_account.caller.name
  member             = google_service_account.function[each.key].member
  role               = "roles/iam.serviceAccountUser"
}

# Functions: the caller may call those that hear from Google Cloud, and everybody those that people and partners reach.

resource "google_cloud_run_v2_service_iam_member" "caller" {
  for_each = local.called

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.function[each.key].name
  member   = google_service_account.caller.member
  role     = "roles/run.invoker"
}

resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = local.public

  project  = var.project
  location = var.region
  name     = google_cloudfunctions2_function.function[each.key].name
  member   = "allUsers"
  role     = "roles/run.invoker"
}

# People: operators run commands and see how things are, auditors review who read what.  All they read is logged.

# What the pages of docs/operate let them do by gcloud: look, and let go on what was paused.
resource "google_project_iam_custom_role" "operators" {
  project = var.project
  role_id = "sadariOperators"
  title   = "Sadari: see how it is set up, and resume it"
  permissions = [
    "cloudfunctions.functions.get",
    "cloudscheduler.jobs.enable", # resumes
    "cloudscheduler.jobs.get",
    "cloudtasks.queues.get",
    "cloudtasks.queues.resume",
    "pubsub.subscriptions.get",
    "run.services.list",
  ]
}

resource "google_project_iam_member" "operators" {
  for_each = merge([
    for member in var.people.operators : {
      for name in ["documents", "metrics", "quota", "setup"] : "${member}/${name}" => { member = member, right = name }
    }
  ]...)

  project = var.project
  member  = each.value.member
  role = {
    documents = google_project_iam_custom_role.documents["all"].id
    metrics   = "roles/monitoring.viewer"
    quota     = "roles/serviceusage.serviceUsageConsumer" # who is logged in as themselves calls at the project's cost
    setup     = google_project_iam_custom_role.operators.id
  }[each.value.right]
}

resource "google_pubsub_topic_iam_member" "operators" {
  for_each = merge([
    for member in var.people.operators : {
      for topic in ["events", "notices"] : "${member}/${topic}" => { member = member, topic = topic }
    }
  ]...)

  project = var.project
  topic   = google_pubsub_topic.topic[each.value.topic].name
  member  = each.value.member
  role    = "roles/pubsub.publisher"
}

# Sending again to partners sets alarms, as the functions do.  A task may call any function that is not open as the caller:
# who has this is trusted as much as with all documents and the topic of events, which operators have anyway.
resource "google_cloud_tasks_queue_iam_member" "operators" {
  for_each = var.people.operators

  project  = var.project
  location = var.region
  name     = google_cloud_tasks_queue.queue["deliveries"].name
  member   = each.key
  role     = "roles/cloudtasks.enqueuer"
}

resource "google_service_account_iam_member" "operators_as_caller" {
  for_each = var.people.operators

  service_account_id = google_service_account.caller.name
  member             = each.key
  role               = "roles/iam.serviceAccountUser"
}

# Who may read which logs; nobody reads both.
resource "google_project_iam_member" "readers" {
  for_each = merge([
    for bucket, members in { access = var.people.auditors, functions = var.people.operators } :
    { for member in members : "${member}/${bucket}" => { member = member, bucket = bucket } }
  ]...)

  project = var.project
  member  = each.value.member
  role    = "roles/logging.viewAccessor"

  condition {
    title      = "The log ${each.value.bucket} alone"
    expression = "resource.name == \"projects/${var.project}/locations/${var.region}/buckets/${each.value.bucket}/views/_AllLogs\""
  }
}
