variable "filter" {
  description = "What of the events the partner gets, in Pub/Sub's filter syntax over the attributes; empty: everything. It cannot be changed later."
  type        = string
  default     = ""

  validation {
    condition     = length(var.filter) <= 256
    error_message = "A filter has 256 characters at most."
  }
}

variable "members" {
  description = "The partner's accounts that pull, such as serviceAccount:… or group:…."
  type        = set(string)

  validation {
    condition     = length(var.members) > 0 && alltrue([for member in var.members : can(regex("^(serviceAccount|group|principal|principalSet):", member))])
    error_message = "Name accounts, groups or principals; never everybody, and no single people."
  }
}

variable "name" {
  description = "The partner, in small letters, digits and hyphens."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}$", var.name))
    error_message = "A partner's name is 1 to 41 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "project" {
  description = "The project that Sadari runs in."
  type        = string
}

variable "region" {
  description = "Where the partner's undelivered events lie."
  type        = string
  default     = "asia-northeast3"
}

variable "topic" {
  description = "The topic of partner events: output `partner_events` of modules/app."
  type        = string
}
