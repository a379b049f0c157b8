# Alarm clocks: `timers` rings cases, `deliveries` rings attempts at partners.
#
# Cloud Tasks drops a task that has failed for long enough, and has no dead letters.  Nothing is lost by that: timers and
# deliveries are kept in Firestore, and `sweep` rings what is overdue.

locals {
  queues = {
    deliveries = { at_once = 40, per_second = 20, tried_for = 60 * 60 }
    timers     = { at_once = 100, per_second = 50, tried_for = local.days }
  }
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = local.queues

  name     = each.key
  project  = var.project
  location = var.region

  rate_limits {
    max_concurrent_dispatches = each.value.at_once
    max_dispatches_per_second = each.value.per_second
  }

  retry_config {
    max_attempts       = -1
    max_backoff        = "300s"
    max_doublings      = 6
    max_retry_duration = "${each.value.tried_for}s"
    min_backoff        = "5s"
  }

  depends_on = [google_project_service.service]
}
