// What Google's Apps Script gives a script, as far as ours uses it.  Reads {code, properties, pages, statuses} from
// stdin, runs `deliver`, and writes what was sent and what was kept.
const crypto = require('crypto');
const vm = require('vm');

const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const sent = [];
const asked = [];
const properties = given.properties;
const answer = (status, text) => ({ getResponseCode: () => status, getContentText: () => text });
const bytes = (buffer) => [...new Int8Array(buffer)]; // Apps Script's bytes have a sign

const host = {
  Date,
  JSON,
  Math,
  PropertiesService: {
    getScriptProperties: () => ({
      getProperty: (name) => (name in properties ? properties[name] : null),
      setProperty: (name, value) => (properties[name] = value),
    }),
  },
  LockService: { getScriptLock: () => ({ tryLock: () => !given.locked, releaseLock: () => {} }) },
  FormApp: { getActiveForm: () => ({ getId: () => given.formId }) },
  ScriptApp: { getOAuthToken: () => 'token' },
  Utilities: {
    base64Decode: (text) => bytes(Buffer.from(text, 'base64')),
    base64Encode: (list) => Buffer.from(Int8Array.from(list).buffer).toString('base64'),
    newBlob: (text) => ({ getBytes: () => bytes(Buffer.from(text, 'utf8')) }),
    computeHmacSha256Signature: (value, key) =>
      bytes(
        crypto
          .createHmac('sha256', Buffer.from(Int8Array.from(key).buffer))
          .update(Buffer.from(Int8Array.from(value).buffer))
          .digest(),
      ),
  },
  UrlFetchApp: {
    fetch: (url, options) => {
      if (url.startsWith('https://forms.googleapis.com/')) {
        asked.push(url);
        return answer(200, JSON.stringify(given.pages[asked.length - 1]));
      }
      sent.push({ url, ...options });
      return answer(given.statuses[sent.length - 1] ?? 202, '');
    },
  },
};
vm.createContext(host);
vm.runInContext(given.code, host);
let fault = '';
try {
  vm.runInContext('deliver()', host);
} catch (error) {
  fault = error.message;
}
process.stdout.write(JSON.stringify({ sent, asked, properties, fault }));
