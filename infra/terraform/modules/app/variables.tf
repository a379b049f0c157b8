variable "access_log" {
  description = "How long records of access are kept, in days, and whether nobody may shorten that any more (this cannot be undone)."
  type = object({
    days   = optional(number, 731)
    locked = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.access_log.days >= 731
    error_message = "Records of access to personal data are kept for two years at least."
  }
}

variable "addresses" {
  description = "Where people and partners reach the pages, if not at the addresses that Cloud Run gives: https, without a slash at the end."
  type = object({
    api     = optional(string)
    console = optional(string)
    portal  = optional(string)
  })
  default = {}

  validation {
    condition     = alltrue([for url in values(var.addresses) : url == null || can(regex("^https://[^/]+(/.*[^/])?$", url))])
    error_message = "Each address begins with https:// and has no slash at the end."
  }
}

variable "alert_emails" {
  description = "Who is told when something needs people."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && length(var.alert_emails) <= 5 && alltrue([for email in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", email))])
    error_message = "Name one address at least, or nobody hears of dead letters, and five at most: a budget tells no more."
  }
}

variable "budget" {
  description = "What a month may cost before people are told, and the billing account; null: nobody is told."
  type = object({
    billing_account = string
    currency        = optional(string) # the account's own, and no other is taken
    units           = number
  })
  default = null
}

variable "bundle" {
  description = "The staged bundle, as a path to the zip file."
  type        = string

  validation {
    condition     = endswith(var.bundle, ".zip")
    error_message = "The bundle is one zip file."
  }
}

variable "capacity" {
  description = "By function, what differs from its usual capacity."
  type = map(object({
    cpu    = optional(string)
    max    = optional(number)
    memory = optional(string)
    min    = optional(number)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.capacity), keys(local.functions))) == 0
    error_message = "There are only these functions: ${join(", ", keys(local.functions))}."
  }
}

variable "database" {
  description = "The Firestore database; another than `(default)` after a restore, which always makes a new one."
  type        = string
  default     = "(default)"

  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "A database is called (default), or by 4 to 63 small letters, digits and hyphens."
  }
}

variable "is_protected" {
  description = "Whether nothing that holds data can be deleted by Terraform."
  type        = bool
  default     = true
}

variable "origin" {
  description = "The host name under which receivers of webhooks are asked for consent."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9.-]+\\.[a-z]{2,}$", var.origin))
    error_message = "The origin is a host name, without https://."
  }
}

variable "people" {
  description = "The groups whose members run commands, and those who review who read what: never the same people."
  type = object({
    auditors  = optional(set(string), [])
    operators = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for member in setunion(var.people.auditors, var.people.operators) : startswith(member, "group:")])
    error_message = "Rights are given to groups, as group:name@example.com."
  }

  validation {
    condition     = length(setintersection(var.people.auditors, var.people.operators)) == 0
    error_message = "Whoever operates does not review the access log."
  }
}

variable "project" {
  description = "The id of the Google Cloud project; one environment has one project of its own."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project's id is 6 to 30 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where everything runs and all data lies."
  type        = string
  default     = "asia-northeast3"
}

variable "set_up" {
  description = "The secrets that have been filled in by hand beside `key` and `sources`: functions get only these."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.set_up, setsubtract(local.secrets, local.first))) == 0
    error_message = "What can be set up is ${join(", ", setsubtract(local.secrets, local.first))}."
  }
}

variable "traces_share" {
  description = "How many of the traces that begin here Cloud Trace keeps, 0 to 1; 0: none is sent anywhere."
  type        = number
  default     = 0

  validation {
    condition     = var.traces_share >= 0 && var.traces_share <= 1
    error_message = "A share is a number from 0 to 1."
  }
}

variable "versions" {
  description = "By secret, the version that functions get, if not the latest one; naming a new one starts them anew with it."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, version in var.versions : contains(local.secrets, name) && can(regex("^([1-9][0-9]*|latest)$", version))])
    error_message = "Each version is a number, or latest, of one of ${join(", ", local.secrets)}."
  }
}
