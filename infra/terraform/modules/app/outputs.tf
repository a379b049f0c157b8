output "addresses" {
  description = "Where people and partners reach the pages."
  value       = local.reached
}

output "caller" {
  description = "The account that Pub/Sub, Cloud Tasks and Cloud Scheduler call with."
  value       = google_service_account.caller.email
}

output "database" {
  description = "The Firestore database."
  value       = google_firestore_database.database.name
}

output "functions" {
  description = "By function: its address, its account, and what it runs."
  value = {
    for name, each in google_cloudfunctions2_function.function : name => {
      account = google_service_account.function[name].email
      bundle  = google_storage_bucket_object.bundle.name
      url     = local.urls[name]
    }
  }
}

output "partner_events" {
  description = "The topic that partners subscribe to: for modules/partner."
  value       = google_pubsub_topic.topic["partner-events"].id
}

output "queues" {
  description = "The queues, by their full names."
  value       = { for name, each in google_cloud_tasks_queue.queue : name => each.id }
}

output "secrets" {
  description = "The secrets, each with whether a function gets it."
  value       = { for name in local.secrets : name => contains(setunion(local.first, var.set_up), name) }
}

output "topics" {
  description = "The topics, by their full names."
  value       = { for name, each in google_pubsub_topic.topic : name => each.id }
}
