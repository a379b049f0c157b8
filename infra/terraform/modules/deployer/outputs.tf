output "accounts" {
  description = "The accounts that GitHub signs in as."
  value       = { for name, each in google_service_account.account : name => each.email }
}

output "provider" {
  description = "What google-github-actions/auth calls the workload identity provider."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "state" {
  description = "The bucket of Terraform's state: terraform init -backend-config=bucket=…"
  value       = google_storage_bucket.state.name
}
