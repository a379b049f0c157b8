"""What each provider of forms sends, how it is verified, and what it says: one module each.

google_forms  nothing but a notice comes; the responses are fetched
typeform      a signed webhook
tally         a webhook, signed unless the connection says otherwise
jotform       an unsigned webhook to a secret path; nothing in it is believed, the submission is fetched
"""
