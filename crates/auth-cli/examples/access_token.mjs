// Gets access tokens from a sidecar (`access-token serve`) with the modules of Node.
//
// As a program: node access_token.mjs PROFILE [URL]
// As a module:  import { accessToken } from "./access_token.mjs"; headers = { authorization: `Bearer ${await accessToken("lean")}` };
//
// The sidecar caches and renews tokens, so ask for one whenever you need it, and keep none.

import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** There is no token. `code` is a stable name, `retryAfter` the seconds to wait, if any. */
export class TokenUnavailable extends Error {
  constructor(code, message, retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

function socketPath() {
  return process.env.ACCESS_TOKEN_SOCKET || join(process.env.XDG_RUNTIME_DIR ?? "", "access-token", "socket");
}

/** Returns an access token. After a 401 of a server, call it with `skipCache: true` once. */
export function accessToken(profile, { scope, skipCache = false, timeout = 60_000 } = {}) {
  const query = new URLSearchParams({ profile });
  if (scope !== undefined) query.set("scope", scope);
  if (skipCache) query.set("skip_cache", "true");
  return new Promise((resolve, reject) => {
    const failed = (error) => reject(new TokenUnavailable("unavailable", `the sidecar does not answer: ${error.message}`));
    const asked = request({ socketPath: socketPath(), path: `/v1/token?${query}`, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("error", failed);
      response.on("end", () => {
        let body;
        try {
          body = JSON.parse(text);
        } catch (error) {
          return failed(error);
        }
        if (response.statusCode === 200) resolve(body.access_token);
        else reject(new TokenUnavailable(body.error, body.message, body.retry_after));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("it takes too long")));
    asked.on("error", failed);
    asked.end();
  });
}

/** Sends a GET request with a token, and once more with a new token after a 401. */
export async function get(url, profile) {
  for (const skipCache of [false, true]) {
    const headers = { authorization: `Bearer ${await accessToken(profile, { skipCache })}` };
    // The token is for one server, so redirects are not followed.
    const response = await fetch(url, { headers, redirect: "manual" });
    if (response.status !== 401 || skipCache) return response;
    await response.body?.cancel();
  }
}

async function main([profile, url, ...more]) {
  if (profile === undefined || more.length > 0) throw new TokenUnavailable("usage", "node access_token.mjs PROFILE [URL]");
  if (url === undefined) {
    console.log(`a token of ${(await accessToken(profile)).length} characters`);
  } else {
    const response = await get(url, profile);
    console.log(response.status, await response.text());
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof TokenUnavailable ? `${error.code}: ${error.message}` : error.message);
    process.exitCode = 1;
  });
}
