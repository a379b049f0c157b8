# Every function of functions/main.py, deployed from one staged bundle.

locals {
  # Who calls it: `http` is the internet; a topic, a queue and a schedule call with the token of the one caller.
  functions = {
    advance = { topic = "events", cpu = "1", memory = "512Mi", max = 40, timeout = 120 }
    api     = { trigger = "http", cpu = "1", memory = "512Mi", max = 10, timeout = 60 }
    attempt = { queue = "deliveries", cpu = "1", memory = "512Mi", max = 20, timeout = 60 }
    bury    = { topic = "dead-letters", cpu = "1", memory = "512Mi", max = 4, timeout = 120 }
    collect = { topic = "forms", cpu = "1", memory = "512Mi", max = 4, timeout = 540 }
    console = { trigger = "http", cpu = "1", memory = "1Gi", max = 10, timeout = 60 }
    deliver = { topic = "notices", cpu = "1", memory = "512Mi", max = 20, timeout = 120 }
    intake  = { trigger = "http", cpu = "1", memory = "512Mi", max = 20, timeout = 60 }
    portal  = { trigger = "http", cpu = "1", memory = "512Mi", max = 20, timeout = 60 }
    reports = { trigger = "http", cpu = "1", memory = "512Mi", max = 4, timeout = 60 }
    ring    = { queue = "timers", cpu = "1", memory = "512Mi", max = 20, timeout = 60 }
    sweep   = { schedule = "*/5 * * * *", cpu = "1", memory = "512Mi", max = 1, timeout = 1740 }
  }
}
