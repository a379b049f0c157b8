# Where a release is rehearsed, set up as production is.

terraform {
  required_version = "~> 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "6.50.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.7.2"
    }
  }
}

provider "google" {
  project               = var.project
  billing_project       = var.project
  user_project_override = true # the budget is made through an API of this project

  default_labels = {
    environment = "staging"
    system      = "sadari"
  }
}

variable "alert_emails" {
  description = "Who is told when something needs people."
  type        = set(string)
}

variable "budget" {
  description = "What a month may cost before people are told; null: nobody is told."
  type = object({
    billing_account = string
    currency        = optional(string) # the account's own
    units           = number
  })
  default = null
}

variable "bundle" {
  description = "The staged bundle, as a path to the zip file."
  type        = string
}

variable "origin" {
  description = "The host name under which receivers of webhooks are asked for consent."
  type        = string
}

variable "people" {
  description = "The groups whose members run commands, and those who review who read what."
  type = object({
    auditors  = optional(set(string), [])
    operators = optional(set(string), [])
  })
  default = {}
}

variable "project" {
  description = "The id of the Google Cloud project."
  type        = string
}

variable "set_up" {
  description = "The secrets that have been filled in by hand: console, dealer, forms, links, mail."
  type        = set(string)
  default     = []
}

variable "versions" {
  description = "By secret, the version that functions get, if not the latest one."
  type        = map(string)
  default     = {}
}

module "app" {
  source = "../../modules/app"

  access_log   = { locked = false }
  alert_emails = var.alert_emails
  budget       = var.budget
  bundle       = var.bundle
  origin       = var.origin
  people       = var.people
  project      = var.project
  set_up       = var.set_up
  versions     = var.versions
}

output "app" {
  description = "What the guides and the smoke test need."
  value       = module.app
}
