// Receives notices: agrees to be sent to, verifies each one, and prints it once.
//
// npm install standardwebhooks cloudevents
// SADARI_SECRET=whsec_... SADARI_ORIGIN=sadari.example node receiver.mjs 8080
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Webhook } = require("standardwebhooks");
const { HTTP } = require("cloudevents");

const secrets = process.env.SADARI_SECRET.split(" "); // several, with spaces between, while you replace one
const origin = process.env.SADARI_ORIGIN;
const seen = new Set(); // yours is a table with a unique key, written in the transaction that does the work

function isVerified(body, headers) {
  return secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body, headers);
      return true;
    } catch {
      return false;
    }
  });
}

async function rawBody(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size <= 65536) parts.push(part); // what is longer is not ours, and does not verify
  }
  return Buffer.concat(parts).toString("utf8"); // the signature is over these bytes: do not parse them before
}

createServer(async (request, response) => {
  if (request.method === "OPTIONS") {
    const isOurs = request.headers["webhook-request-origin"] === origin;
    response.writeHead(isOurs ? 200 : 403, isOurs ? { "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "600" } : {});
    response.end();
    return;
  }
  const body = await rawBody(request);
  if (!isVerified(body, request.headers)) {
    response.writeHead(401).end();
    return;
  }
  if (!seen.has(request.headers["webhook-id"])) { // every notice comes at least once
    seen.add(request.headers["webhook-id"]);
    const event = HTTP.toEvent({ headers: request.headers, body });
    event.validate();
    console.log(event.type, event.subject, JSON.stringify(event.data));
  }
  response.writeHead(204).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
