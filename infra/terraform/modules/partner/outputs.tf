output "dead_letters" {
  description = "What the partner's programme could not take, for the partner to pull."
  value       = google_pubsub_subscription.dead_letters.id
}

output "subscription" {
  description = "What the partner pulls from."
  value       = google_pubsub_subscription.partner.id
}
