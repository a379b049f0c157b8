# The database: where everything is kept.

locals {
  # Documents keep their content in one field, which nobody searches and which may be larger than an index takes.
  with_blob = toset([
    "api_keys", "attempts", "batches", "cases", "connections", "delegations", "deliveries", "drafts", "facts", "forms",
    "history", "letters", "marks", "members", "notices", "parts", "people", "quarantine", "readings", "receivers",
    "register", "releases", "sessions", "subscriptions", "tasks", "texts",
  ])

  # Lists ask for some of `beside` at once, in the order of `by`: Firestore joins these for whatever is asked together.
  # With brackets: the field is a list, and one of its members is asked for.
  lists = [
    { collection = "attempts", beside = ["delivery"], by = "number" },
    { collection = "cases", beside = ["at_risk", "cohort", "programme", "reviewer", "round", "stage", "university", "version", "workflow"], by = "next_due" },
    { collection = "delegations", beside = ["to"], by = "until_on" },
    { collection = "deliveries", beside = ["partner", "state", "subscription"], by = "made_at" },
    { collection = "letters", beside = ["cohort", "notice", "person", "programme", "state", "university", "workflow"], by = "written_at" },
    { collection = "marks", beside = ["held_by"], by = "held_until" },
    { collection = "notices", beside = ["role"], by = "heard_at" },
    { collection = "quarantine", beside = ["cohort", "programme", "state", "university", "workflow"], by = "heard_at" },
    { collection = "register", beside = ["about", "kind"], by = "at" },
    { collection = "tasks", beside = ["cohort", "programme", "turn[]", "university", "workflow"], by = "due_at" },
    { collection = "tasks", beside = ["cohort", "programme", "roles[]", "turn[]", "university", "workflow"], by = "opened_at" },
  ]
  indexes = merge([
    for list in local.lists : {
      for field in list.beside : "${list.collection}/${field}/${list.by}" => {
        collection = list.collection
        field      = trimsuffix(field, "[]")
        is_list    = endswith(field, "[]")
        by         = list.by
      }
    }
  ]...)
}

resource "google_firestore_database" "database" {
  name        = var.database
  project     = var.project
  location_id = var.region
  type        = "FIRESTORE_NATIVE"

  delete_protection_state           = var.is_protected ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.is_protected ? "ABANDON" : "DELETE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"

  depends_on = [google_project_service.service]
}

# A backup outlives whoever was erased after it, by five weeks at most; the erasure ledger is applied after a restore.

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project
  database  = google_firestore_database.database.name
  retention = "${7 * local.days}s"

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "weekly" {
  project   = var.project
  database  = google_firestore_database.database.name
  retention = "${35 * local.days}s"

  weekly_recurrence {
    day = "SUNDAY"
  }
}

resource "google_firestore_index" "list" {
  for_each = local.indexes

  project    = var.project
  database   = google_firestore_database.database.name
  collection = each.value.collection

  fields {
    field_path   = each.value.field
    array_config = each.value.is_list ? "CONTAINS" : null
    order        = each.value.is_list ? null : "ASCENDING"
  }

  fields {
    field_path = each.value.by
    order      = "ASCENDING"
  }
}

resource "google_firestore_field" "blob" {
  for_each = local.with_blob

  project    = var.project
  database   = google_firestore_database.database.name
  collection = each.key
  field      = "blob"

  index_config {}
}

# What may go by itself: drafts that nobody came back to, which `sweep` destroys on the day if it can, and logins that have
# ended, which are refused by their times whether they are still there or not.  Nothing else may: whoever is destroyed
# leaves a row in the erasure ledger.

resource "google_firestore_field" "ends" {
  for_each = {
    drafts   = "erase_on"
    sessions = "ends_at"
  }

  project    = var.project
  database   = google_firestore_database.database.name
  collection = each.key
  field      = each.value

  ttl_config {}
}

# No browser and no phone speaks to the database; the functions are not bound by rules.

resource "google_firebaserules_ruleset" "nobody" {
  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.database]
}

resource "google_firebaserules_release" "firestore" {
  project      = var.project
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = google_firebaserules_ruleset.nobody.name
}
