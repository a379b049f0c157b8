# Topics, and the subscriptions that push to functions.
#
# The topics have no Pub/Sub schema.  What an event or a notice holds depends on its type, and neither Avro's JSON nor
# a protobuf message can say "an object of any fields"; a schema that refuses what `advance` has committed to tell would
# lose it.  The functions read strictly by schemas/, and what they cannot read lies in the quarantine.

locals {
  days = 24 * 60 * 60

  # By topic: for how many days what was published can be read again.
  topics = {
    dead-letters   = 31
    events         = 7
    forms          = 7 # Google Forms publishes here
    notices        = 7
    partner-events = 7 # partners have subscriptions of their own on it: modules/partner
  }
}

resource "google_pubsub_topic" "topic" {
  for_each = local.topics

  name                       = each.key
  project                    = var.project
  message_retention_duration = "${each.value * local.days}s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.service]
}

resource "google_pubsub_subscription" "pushed" {
  for_each = local.pushed

  name                       = "${each.value}-${each.key}"
  project                    = var.project
  topic                      = google_pubsub_topic.topic[each.value].id
  ack_deadline_seconds       = 600
  message_retention_duration = "${(each.value == "dead-letters" ? 31 : 7) * local.days}s"

  push_config {
    push_endpoint = local.urls[each.key]

    oidc_token {
      audience              = local.urls[each.key]
      service_account_email = google_service_account.caller.email
    }
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "600s"
  }

  # Twenty attempts take two hours: an outage of one does not fill the quarantine.  `bury` has nowhere to pass things on
  # to; it is called until it is done.
  dynamic "dead_letter_policy" {
    for_each = each.value == "dead-letters" ? [] : ["dead-letters"]

    content {
      dead_letter_topic     = google_pubsub_topic.topic[dead_letter_policy.value].id
      max_delivery_attempts = 20
    }
  }

  # Between two rounds nothing may come for months; a subscription would be gone after 31 days.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.caller, google_service_account_iam_member.pubsub_as_caller]
}
