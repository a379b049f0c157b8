# Where logs go and how long they stay.  Functions log allow-listed fields as JSON; never personal data.

locals {
  of_functions = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${join(" OR ", [for name in keys(local.functions) : "\"${name}\""])})"

  # Who read what of people: what the functions say themselves, and people who go past them to the database or a secret.
  of_access = join(" OR ", [
    "(${local.of_functions} AND jsonPayload.event=\"accessed\")",
    "(logName=\"projects/${var.project}/logs/cloudaudit.googleapis.com%2Fdata_access\" AND protoPayload.serviceName=(\"firestore.googleapis.com\" OR \"datastore.googleapis.com\" OR \"secretmanager.googleapis.com\"))",
    "logName=\"projects/${var.project}/logs/cloudaudit.googleapis.com%2Factivity\"",
  ])

  # What Cloud Run says of a request that went well, the function says as well, with more.  Where the address holds the
  # link of a letter, or what somebody searched for, it is not kept at all.
  of_requests = "(logName=\"projects/${var.project}/logs/run.googleapis.com%2Frequests\" AND (httpRequest.status<400 OR resource.labels.service_name=\"portal\" OR httpRequest.requestUrl:\"?\"))"

  # The first one stands for Firestore too, whose own name is refused here, although its entries carry it.
  audited = ["datastore.googleapis.com", "secretmanager.googleapis.com"]
}

resource "google_logging_project_bucket_config" "access" {
  project        = var.project
  location       = var.region
  bucket_id      = "access"
  description    = "Who read what of people."
  retention_days = var.access_log.days
  locked         = var.access_log.locked

  depends_on = [google_project_service.service]
}

resource "google_logging_project_bucket_config" "functions" {
  project        = var.project
  location       = var.region
  bucket_id      = "functions"
  description    = "What the functions say."
  retention_days = 90

  depends_on = [google_project_service.service]
}

resource "google_logging_project_sink" "access" {
  name                   = "access"
  project                = var.project
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.access.id}"
  filter                 = local.of_access
  unique_writer_identity = true
}

resource "google_logging_project_sink" "functions" {
  name                   = "functions"
  project                = var.project
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.functions.id}"
  filter                 = "${local.of_functions} AND NOT ${local.of_requests} AND NOT jsonPayload.event=\"accessed\""
  unique_writer_identity = true
}

# The default bucket lies outside the region; what the functions say stays inside.
resource "google_logging_project_exclusion" "functions" {
  name        = "functions"
  project     = var.project
  description = "It lies in the bucket `functions`."
  filter      = local.of_functions

  depends_on = [google_logging_project_sink.functions]
}

# People who read the database leave a trace; functions do not, they write rows of their own.
resource "google_project_iam_audit_config" "data" {
  for_each = toset(local.audited)

  project = var.project
  service = each.key

  dynamic "audit_log_config" {
    for_each = toset(["DATA_READ", "DATA_WRITE"])

    content {
      log_type         = audit_log_config.value
      exempted_members = [for account in google_service_account.function : account.member]
    }
  }
}
