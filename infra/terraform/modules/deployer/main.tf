# What a person sets up once in an empty project, so that GitHub can do the rest without a key: where Terraform keeps its
# state, and the two accounts that GitHub signs in as, `planner` for pull requests and `deployer` for what was merged.

locals {
  services = [
    "cloudresourcemanager.googleapis.com",
    "iam.googleapis.com",
    "iamcredentials.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
    "sts.googleapis.com",
  ]

  # Reads what is set up, never what is kept: no documents, no secrets, no messages.
  plans = [
    "roles/artifactregistry.reader",
    "roles/browser",
    "roles/cloudfunctions.viewer",
    "roles/cloudscheduler.viewer",
    "roles/cloudtasks.viewer",
    "roles/firebaserules.viewer",
    "roles/iam.securityReviewer",
    "roles/iam.serviceAccountViewer",
    "roles/monitoring.viewer",
    "roles/pubsub.viewer",
    "roles/run.viewer",
    "roles/secretmanager.viewer",
    "roles/serviceusage.serviceUsageConsumer",
  ]

  # Makes everything in modules/app, but the budget: that takes roles/billing.costsManager on the billing account (and the
  # planner roles/billing.viewer), which is given by whoever owns that.  It can give rights away, also to itself: who may act as it is what counts.
  deploys = [
    "roles/artifactregistry.admin",
    "roles/cloudfunctions.admin",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.admin",
    "roles/firebaserules.admin",
    "roles/iam.roleAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountUser",
    "roles/logging.configWriter",
    "roles/monitoring.admin",
    "roles/pubsub.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ]

  # No role that comes with Firestore makes databases and reads no documents, and none that comes with Logging and Storage
  # shows what is set up and not what is kept.
  structure = {
    deployer = ["create", "delete", "get", "getMetadata", "list", "update"]
    planner  = ["get", "getMetadata", "list"]
  }
  looks = [
    "logging.buckets.get",
    "logging.exclusions.get",
    "logging.logMetrics.get",
    "logging.sinks.get",
    "storage.buckets.get",
    "storage.objects.get",
  ]
}

resource "google_project_service" "service" {
  for_each = toset(local.services)

  project = var.project
  service = each.key

  disable_on_destroy = false
}

resource "google_storage_bucket" "state" {
  name     = "${var.project}-state"
  project  = var.project
  location = var.region

  public_access_prevention    = "enforced"
  uniform_bucket_level_access = true

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      num_newer_versions = 50
    }
  }

  depends_on = [google_project_service.service]
}

resource "google_iam_workload_identity_pool" "github" {
  project                   = var.project
  workload_identity_pool_id = "github"
  display_name              = "GitHub"

  depends_on = [google_project_service.service]
}

resource "google_iam_workload_identity_pool_provider" "github" {
  project                            = var.project
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  display_name                       = "GitHub"
  attribute_condition                = "assertion.repository == \"${var.repository}\""
  attribute_mapping = {
    "attribute.repository" = "assertion.repository"
    "google.subject"       = "assertion.sub"
  }

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "account" {
  for_each = {
    deployer = "GitHub, for what was merged"
    planner  = "GitHub, for pull requests"
  }

  account_id   = each.key
  project      = var.project
  display_name = each.value

  depends_on = [google_project_service.service]
}

# Only jobs of the environment itself deploy; any job of the repository may plan.

resource "google_service_account_iam_member" "deployer" {
  service_account_id = google_service_account.account["deployer"].name
  member             = "principal://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/subject/repo:${var.repository}:environment:${var.environment}"
  role               = "roles/iam.workloadIdentityUser"
}

resource "google_service_account_iam_member" "planner" {
  service_account_id = google_service_account.account["planner"].name
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.repository/${var.repository}"
  role               = "roles/iam.workloadIdentityUser"
}

resource "google_project_iam_member" "deployer" {
  for_each = toset(local.deploys)

  project = var.project
  member  = google_service_account.account["deployer"].member
  role    = each.key
}

resource "google_project_iam_member" "planner" {
  for_each = toset(local.plans)

  project = var.project
  member  = google_service_account.account["planner"].member
  role    = each.key
}

resource "google_project_iam_custom_role" "structure" {
  for_each = local.structure

  project = var.project
  role_id = "sadariStructure${title(each.key)}"
  title   = "Sadari: what is set up, ${each.key}"
  permissions = concat(
    [for verb in each.value : "datastore.databases.${verb}"],
    [for verb in each.value : "datastore.backupSchedules.${verb}" if verb != "getMetadata"],
    [for verb in each.value : "datastore.indexes.${verb}" if verb != "getMetadata"],
    ["datastore.operations.get", "datastore.operations.list"],
    each.key == "planner" ? local.looks : [],
  )
}

resource "google_project_iam_member" "structure" {
  for_each = local.structure

  project = var.project
  member  = google_service_account.account[each.key].member
  role    = google_project_iam_custom_role.structure[each.key].id
}

# The planner reads the state without its lock: any job of the repository may plan, and what is in the state is believed.
resource "google_storage_bucket_iam_member" "planner" {
  bucket = google_storage_bucket.state.name
  member = google_service_account.account["planner"].member
  role   = "roles/storage.objectViewer"
}
