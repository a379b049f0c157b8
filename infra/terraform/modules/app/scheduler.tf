# What is called by the clock.

resource "google_cloud_scheduler_job" "scheduled" {
  for_each = local.scheduled

  name             = each.key
  project          = var.project
  region           = var.region
  schedule         = each.value
  time_zone        = "Asia/Seoul"
  attempt_deadline = "1800s"

  http_target {
    uri         = local.urls[each.key]
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      audience              = local.urls[each.key]
      service_account_email = google_service_account.caller.email
    }
  }

  retry_config {
    retry_count          = 1 # the next run is five minutes away
    min_backoff_duration = "30s"
  }

  depends_on = [google_cloud_run_v2_service_iam_member.caller]
}
