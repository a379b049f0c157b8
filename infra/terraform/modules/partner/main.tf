# One partner's own subscription to the events for partners: they pull, with their own accounts.
# `sadari subscriptions pubsub` makes the filter, and prints the same as commands for whoever does without Terraform.

locals {
  days         = 24 * 60 * 60
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

data "google_project" "this" {
  project_id = var.project
}

resource "google_pubsub_subscription" "partner" {
  name                       = "partner-${var.name}"
  project                    = var.project
  topic                      = var.topic
  filter                     = var.filter
  ack_deadline_seconds       = 600
  message_retention_duration = "${7 * local.days}s"

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 20
  }

  expiration_policy {
    ttl = ""
  }
}

# What a partner's programme gave back twenty times waits here for the partner, and holds up nobody else.

resource "google_pubsub_topic" "dead_letters" {
  name                       = "partner-${var.name}-dead"
  project                    = var.project
  message_retention_duration = "${31 * local.days}s"

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
}

resource "google_pubsub_subscription" "dead_letters" {
  name                       = "partner-${var.name}-dead"
  project                    = var.project
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 600
  message_retention_duration = "${31 * local.days}s"

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = var.project
  topic   = google_pubsub_topic.dead_letters.name
  member  = local.pubsub_agent
  role    = "roles/pubsub.publisher"
}

resource "google_pubsub_subscription_iam_member" "forwarded" {
  project      = var.project
  subscription = google_pubsub_subscription.partner.name
  member       = local.pubsub_agent
  role         = "roles/pubsub.subscriber"
}

resource "google_pubsub_subscription_iam_member" "partner" {
  for_each = var.members

  project      = var.project
  subscription = google_pubsub_subscription.partner.name
  member       = each.key
  role         = "roles/pubsub.subscriber"
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = var.members

  project      = var.project
  subscription = google_pubsub_subscription.dead_letters.name
  member       = each.key
  role         = "roles/pubsub.subscriber"
}
