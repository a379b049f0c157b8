/**
 * Sends the responses of this form to Sadari, signed as Standard Webhooks says.
 *
 * It reads them from the Forms API, as Sadari does itself, so that a response has the same id whichever way it comes.
 * How to set it up: docs/forms.md.
 *
 * Script properties: SADARI_URL (https://.../intake/forms/CONNECTION) and SADARI_SECRET (whsec_...).
 */

const EVERY_MINUTES = 10;
const SECONDS_MAX = 240; // a run may last six minutes
const PAGE = 500;

/** Run this once, by hand: it makes both triggers, and takes away those that it made before. */
function install() {
  ScriptApp.getProjectTriggers().forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('onResponse').forForm(FormApp.getActiveForm()).onFormSubmit().create();
  ScriptApp.newTrigger('deliver').timeBased().everyMinutes(EVERY_MINUTES).create();
}

/** Somebody has submitted the form, or edited what they had submitted. */
function onResponse() {
  deliver();
}

/** Sends what was not sent yet; what fails is sent by the next run, within ten minutes. */
function deliver() {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(1000)) {
    return; // a run that is under way sends it
  }
  try {
    const begun = Date.now();
    const kept = PropertiesService.getScriptProperties();
    const formId = FormApp.getActiveForm().getId();
    for (const response of since_(formId, kept.getProperty('SENT_UNTIL'))) {
      if (Date.now() - begun > SECONDS_MAX * 1000) {
        return;
      }
      const until = kept.getProperty('SENT_UNTIL') || '';
      const sent = JSON.parse(kept.getProperty('SENT_THEN') || '[]'); // those of that very time
      if (sent.includes(nameOf_(response))) {
        continue;
      }
      send_(kept, formId, response);
      const isThen = until === response.lastSubmittedTime;
      kept.setProperty('SENT_THEN', JSON.stringify([...(isThen ? sent : []), nameOf_(response)]));
      kept.setProperty('SENT_UNTIL', response.lastSubmittedTime);
    }
  } finally {
    lock.releaseLock();
  }
}

/** Gives the responses from then on, the oldest first. */
function since_(formId, until) {
  const found = [];
  let token = '';
  do {
    const query = [`pageSize=${PAGE}`];
    if (until) query.push(`filter=${encodeURIComponent(`timestamp >= ${until}`)}`);
    if (token) query.push(`pageToken=${encodeURIComponent(token)}`);
    const answer = UrlFetchApp.fetch(`https://forms.googleapis.com/v1/forms/${formId}/responses?${query.join('&')}`, {
      headers: { Authorization: `Bearer ${ScriptApp.getOAuthToken()}` },
    });
    const page = JSON.parse(answer.getContentText());
    found.push(...(page.responses || []));
    token = page.nextPageToken || '';
  } while (token);
  return found.sort((one, other) => Date.parse(one.lastSubmittedTime) - Date.parse(other.lastSubmittedTime));
}

/** Names a response and the version of it; an edited one keeps its id. */
function nameOf_(response) {
  return `${response.responseId}/${response.lastSubmittedTime}`;
}

/** Sends one response.  Throws if it has to be sent again; what Sadari refuses waits there in the quarantine. */
function send_(kept, formId, response) {
  const body = JSON.stringify({ type: 'google_forms.response', formId, response });
  const id = nameOf_(response);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Utilities.base64Decode(kept.getProperty('SADARI_SECRET').replace(/^whsec_/, ''));
  const signed = Utilities.newBlob(`${id}.${timestamp}.${body}`).getBytes();
  const signature = Utilities.base64Encode(Utilities.computeHmacSha256Signature(signed, key));
  const answer = UrlFetchApp.fetch(kept.getProperty('SADARI_URL'), {
    method: 'post',
    contentType: 'application/json',
    payload: body,
    headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    followRedirects: false,
    muteHttpExceptions: true,
  });
  const status = answer.getResponseCode();
  const isDone = (status >= 200 && status < 300) || status === 409 || status === 422;
  if (!isDone) {
    throw new Error(`Sadari answered ${status}; it is sent again`);
  }
}
