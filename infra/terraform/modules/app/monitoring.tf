# What is watched, who is told, and where to look.

locals {
  pushed_filter = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=one_of(${join(",", [for name, topic in local.pushed : "\"${topic}-${name}\""])})"
  server_filter = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\""

  # What the logs say, counted.  docs/operate/observability.md tells what each event means.
  counted = {
    chain_broken      = { filter = "jsonPayload.event=\"chain_broken\"", says = "A history does not match its hashes, or a case its history." }
    failed            = { filter = "jsonPayload.event=\"failed\"", says = "A call ended in an error that nobody foresaw." }
    form_unreadable   = { filter = "jsonPayload.event=\"form_unreadable\"", says = "A form at a provider may not be read, or is not understood." }
    form_waits        = { filter = "jsonPayload.event=\"form_waits\"", says = "A form at a provider could not be read now." }
    overdue           = { filter = "jsonPayload.event=\"swept\" AND jsonPayload.late>0", says = "A sweep found a timer that should have rung long before." }
    quarantined       = { filter = "jsonPayload.event=\"quarantined\"", says = "A message could not be applied and waits for people." }
    receiver_disabled = { filter = "jsonPayload.event=\"receiver_disabled\"", says = "Nothing is sent to a partner any more." }
    library_failed    = { filter = "jsonPayload.event=\"unsaid\" AND severity>=ERROR", says = "A library logged an error." }
    refused           = { filter = "httpRequest.status=(401 OR 403)", says = "A call was refused: no valid token or signature, or not allowed." }
  }

  # By alert: over `period` seconds, how many of what are too many, and where the runbook is.
  thresholds = {
    chain-broken = {
      title    = "A history was changed"
      severity = "CRITICAL"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/chain_broken\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "breach.md"
    }
    dead-letters = {
      title    = "Dead letters arrived"
      severity = "ERROR"
      filter   = "${local.pushed_filter} AND metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "dead-letters.md"
    }
    dead-letters-wait = {
      title    = "Dead letters are not taken up"
      severity = "CRITICAL"
      filter   = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"dead-letters-bury\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", above = 0, period = 60, for = 900
      runbook  = "dead-letters.md"
    }
    failed = {
      title    = "A call failed in a way that nobody foresaw"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/failed\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "stuck-case.md"
    }
    form-waits = {
      title    = "A form at a provider could not be read five times in an hour"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/form_waits\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 4, period = 3600, for = 0
      runbook  = "stuck-case.md"
    }
    form-unreadable = {
      title    = "A form at a provider cannot be read"
      severity = "ERROR"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/form_unreadable\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "stuck-case.md"
    }
    library-failed = {
      title    = "A library logged an error"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/library_failed\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "stuck-case.md"
    }
    oldest-unacked = {
      title    = "Messages wait for more than ten minutes"
      severity = "ERROR"
      filter   = "${local.pushed_filter} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", above = 600, period = 60, for = 300
      runbook  = "stuck-case.md"
    }
    overdue-timers = {
      title    = "Timers stay overdue"
      severity = "ERROR"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/overdue\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 600, for = 900
      runbook  = "stuck-case.md"
    }
    queue-depth = {
      title    = "A queue grows"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=\"deliveries\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\""
      aligner  = "ALIGN_MAX", reducer = "REDUCE_MAX", above = 5000, period = 300, for = 900
      runbook  = "partner-down.md"
    }
    quarantined = {
      title    = "A message lies in the quarantine"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/quarantined\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "dead-letters.md"
    }
    receiver-disabled = {
      title    = "A partner is not told any more"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/receiver_disabled\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 0, period = 300, for = 0
      runbook  = "partner-down.md"
    }
    refused = {
      title    = "Many calls are refused"
      severity = "WARNING"
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/refused\""
      aligner  = "ALIGN_DELTA", reducer = "REDUCE_SUM", above = 500, period = 300, for = 300
      runbook  = "breach.md"
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alert_emails

  project      = var.project
  display_name = each.key
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [google_project_service.service]
}

resource "google_logging_metric" "counted" {
  for_each = local.counted

  name        = each.key
  project     = var.project
  description = each.value.says
  filter      = "${local.of_functions} AND ${each.value.filter}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.service]
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.thresholds

  project               = var.project
  display_name          = each.value.title
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = values(google_monitoring_notification_channel.email)[*].id

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "${each.value.for}s"

      aggregations {
        alignment_period     = "${each.value.period}s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
      }
    }
  }

  documentation {
    content   = "What to do: docs/operate/${each.value.runbook}"
    mime_type = "text/markdown"
  }

  # A metric that was just made is not known to alerts for up to ten minutes; functions take about as long to be built.
  depends_on = [google_cloudfunctions2_function.function, google_logging_metric.counted]
}

resource "google_monitoring_alert_policy" "errors" {
  project               = var.project
  display_name          = "A function fails more than one call in twenty"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = values(google_monitoring_notification_channel.email)[*].id

  conditions {
    display_name = "5xx among all answers, by function"

    condition_threshold {
      filter             = "${local.server_filter} AND metric.labels.response_code_class=\"5xx\""
      denominator_filter = local.server_filter
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "300s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }

      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }

  documentation {
    content   = "What to do: docs/operate/stuck-case.md"
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.service]
}

# Whoever watches the others must be watched: a sweep that does not come rings nobody.
resource "google_monitoring_alert_policy" "no_sweep" {
  project               = var.project
  display_name          = "Nothing was swept for half an hour"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = values(google_monitoring_notification_channel.email)[*].id

  conditions {
    display_name = "No sweep was answered with 200"

    condition_absent {
      filter   = "${local.server_filter} AND resource.labels.service_name=\"sweep\" AND metric.labels.response_code_class=\"2xx\""
      duration = "1800s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = "What to do: docs/operate/stuck-case.md"
    mime_type = "text/markdown"
  }

  depends_on = [google_project_service.service]
}

# Whether people and partners reach us: asked from outside, as they would ask.

resource "google_monitoring_uptime_check_config" "reached" {
  for_each = setsubtract(local.public, ["reports"])

  project      = var.project
  display_name = each.key
  period       = "900s"
  timeout      = "30s"

  http_check {
    path         = "/health/ready"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      host       = split("/", local.urls[each.key])[2]
      project_id = var.project
    }
  }

  depends_on = [google_project_service.service]
}

resource "google_monitoring_alert_policy" "unreached" {
  project               = var.project
  display_name          = "People or partners do not reach us"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = values(google_monitoring_notification_channel.email)[*].id

  conditions {
    display_name = "Fewer than half of those who ask are answered"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\""
      comparison      = "COMPARISON_LT"
      threshold_value = 0.5
      duration        = "900s"

      aggregations {
        alignment_period     = "900s"
        per_series_aligner   = "ALIGN_FRACTION_TRUE"
        cross_series_reducer = "REDUCE_MEAN"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    content   = "What to do: docs/operate/region-outage.md"
    mime_type = "text/markdown"
  }

  depends_on = [google_monitoring_uptime_check_config.reached]
}

locals {
  # By chart: what it draws, by what, and how it is brought to one value a minute.
  charts = {
    "Calls, by function and answer" = {
      filter  = local.server_filter
      aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"]
    }
    "Slowest answers in twenty, by function (ms)" = {
      filter  = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_latencies\""
      aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.label.service_name"]
    }
    "Oldest message that waits, by subscription (s)" = {
      filter  = "${local.pushed_filter} AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"]
    }
    "Messages that wait, by subscription" = {
      filter  = "${local.pushed_filter} AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"]
    }
    "Tasks that wait, by queue" = {
      filter  = "resource.type=\"cloud_tasks_queue\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\""
      aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.queue_id"]
    }
    "Instances, by function" = {
      filter  = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/container/instance_count\""
      aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"]
    }
    "Documents read" = {
      filter  = "resource.type=\"firestore_instance\" AND metric.type=\"firestore.googleapis.com/document/read_count\""
      aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.type"]
    }
    "Documents written" = {
      filter  = "resource.type=\"firestore_instance\" AND metric.type=\"firestore.googleapis.com/document/write_count\""
      aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.op"]
    }
  }
}

resource "google_monitoring_dashboard" "overview" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "Sadari"
    mosaicLayout = {
      columns = 48
      tiles = [
        for position, title in keys(local.charts) : {
          xPos   = position % 2 * 24
          yPos   = floor(position / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = local.charts[title].filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = local.charts[title].aligner
                      crossSeriesReducer = local.charts[title].reducer
                      groupByFields      = local.charts[title].by
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.service]
}
