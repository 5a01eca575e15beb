// Makes a code for each mentor of a list: `node make_codes.ts MENTORS.json >codes.json`, with Node.js 24 and nothing else.
// The types are of `npx openapi-typescript@7 $CODES_API/openapi.yaml -o codes.d.ts`.
//
// The list holds objects with mentor_id, org_id and, where you like, mentor_name. CODES_API is the URL of the service, and
// CODES_TOKEN a token, if the service takes one. A mentor who has a code keeps it, so a run that broke off is run again.
import { readFileSync } from "node:fs";
import type { components } from "./codes";

type Schemas = components["schemas"];
const { CODES_API = "http://127.0.0.1:3000", CODES_TOKEN } = process.env;

async function make(mentor: Schemas["GetOrCreate"]): Promise<Schemas["Code"]> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${CODES_API}/api/v1/referral-codes`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(CODES_TOKEN && { authorization: `Bearer ${CODES_TOKEN}` }) },
      body: JSON.stringify(mentor),
    });
    if (answer.ok) return (await answer.json()) as Schemas["Code"];
    // Busy, or too many calls. Every call may be repeated.
    if (![429, 503].includes(answer.status) || attempt === 5) throw new Error(`${answer.status} ${await answer.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
  }
}

const mentors = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Schemas["GetOrCreate"][];
const made: Pick<Schemas["Code"], "mentor_id" | "code" | "url">[] = [];
for (const mentor of mentors) {
  try {
    const { mentor_id, code, url } = await make(mentor);
    made.push({ mentor_id, code, url });
  } catch (error) {
    process.exitCode = 1;
    console.error(`${mentor.mentor_id}: ${(error as Error).message}`);
  }
}
console.log(JSON.stringify(made, null, 2));
