// A code's whole life over a client that a generator made: all six endpoints, and their errors. The types are what a program
// expects; that the generated ones fit them is checked by the compiler.
type Status = "active" | "rotated" | "invalidated" | "expired";
export type Code = {
  id: string; mentor_id: string; org_id: string; code: string; url: string; status: Status; created_at: string;
  expires_at: string | null; previous_code?: string; rotated_at?: string; successor_id?: string; invalidated_at?: string;
};
export type CodeList = { data: Code[]; pagination: { limit: number; page?: number; total?: number; next_cursor?: string } };
export type Problem = {
  status: number; detail: string; code: string; code_status?: Exclude<Status, "active">; active_id?: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
};
export type Query = { page?: number; limit?: number; cursor?: string; mentor_id?: string; status?: Status };
export type Answer<T> = { status: number; ok?: T; problem?: Problem };
export interface Client {
  list(query: Query): Promise<Answer<CodeList>>;
  create(body: { mentor_id: string; org_id: string; mentor_name?: string | null; expires_at?: string | null }): Promise<Answer<Code>>;
  get(id: string): Promise<Answer<Code>>;
  rotate(id: string, body: { mentor_id: string; action: "rotate" }): Promise<Answer<Code>>;
  invalidate(id: string): Promise<Answer<{ id: string; status: "invalidated"; invalidated_at: string }>>;
  url(id: string): Promise<Answer<{ code: string; url: string; short_url: string; generated_at: string }>>;
}

/** Where the service is, and whether something in front of it refuses what is not valid: the program's arguments. */
export const base = process.argv[2]!;
const validOnly = process.argv[3] === "valid";

const same = (name: string, got: unknown, wanted: unknown) => {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${name}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
};
const ok = <T>(name: string, answer: Answer<T>, status: number): T => {
  same(name, [answer.status, answer.problem], [status, undefined]);
  return answer.ok!;
};
const problem = <T>(name: string, answer: Answer<T>, status: number, code: string): Problem => {
  same(name, [answer.status, answer.problem?.status, answer.problem?.code, answer.ok], [status, status, code, undefined]);
  return answer.problem!;
};

export async function live(client: Client): Promise<void> {
  const mentor_id = `m-${process.pid}-${Date.now()}`;
  const body = { mentor_id, org_id: "org_1", mentor_name: "Jan", expires_at: "2099-01-31T12:00:00Z" };
  const first = ok("create", await client.create(body), 201);
  same("created", [first.status, first.expires_at, first.code.slice(0, 4)], ["active", body.expires_at, "JAN-"]);
  same("create again", ok("create again", await client.create({ mentor_id, org_id: "org_1" }), 200), first);
  const elsewhere = await client.create({ mentor_id, org_id: "org_2" });
  same("active_id", problem("create elsewhere", elsewhere, 409, "mentor_in_other_org").active_id, first.id);
  const invalid = validOnly ? undefined : problem("create with an invalid id", await client.create({ mentor_id: "å", org_id: "o" }), 422, "validation_failed");
  if (invalid) same("pointer", invalid.errors?.map((error) => error.pointer), ["/mentor_id"]);

  same("get", ok("get", await client.get(first.id), 200), first);
  same("url", ok("url", await client.url(first.id), 200).url, first.url);
  problem("rotate another's", await client.rotate(first.id, { mentor_id: "another", action: "rotate" }), 403, "mentor_mismatch");
  const second = ok("rotate", await client.rotate(first.id, { mentor_id, action: "rotate" }), 200);
  same("rotated", [second.previous_code, second.expires_at], [first.code, body.expires_at]);
  same("rotate again", ok("rotate again", await client.rotate(first.id, { mentor_id, action: "rotate" }), 200), second);
  same("successor", ok("get rotated", await client.get(first.id), 200).successor_id, second.id);
  same("code_status", problem("url of rotated", await client.url(first.id), 410, "code_not_active").code_status, "rotated");

  const page = ok("list", await client.list({ mentor_id, limit: 1 }), 200);
  same("page", [page.data, page.pagination], [[second], { page: 1, limit: 1, total: 2 }]);
  same("second page", ok("page 2", await client.list({ mentor_id, limit: 1, page: 2 }), 200).data[0]?.id, first.id);
  const walk = ok("walk", await client.list({ mentor_id, limit: 1, cursor: "" }), 200);
  const rest = ok("walk on", await client.list({ mentor_id, limit: 1, cursor: walk.pagination.next_cursor! }), 200);
  same("walked", [...walk.data, ...rest.data].map((code) => code.status), ["active", "rotated"]);
  const wrong = validOnly ? undefined : problem("list nothing", await client.list({ limit: 0 }), 400, "invalid_parameter");
  if (wrong) same("parameter", wrong.errors?.map((error) => error.parameter), ["limit"]);

  same("active_id", problem("invalidate rotated", await client.invalidate(first.id), 409, "code_not_active").active_id, second.id);
  const ended = ok("invalidate", await client.invalidate(second.id), 200);
  same("invalidate again", ok("invalidate again", await client.invalidate(second.id), 200), ended);
  same("ended", ok("get ended", await client.get(second.id), 200).invalidated_at, ended.invalidated_at);
  problem("rotate ended", await client.rotate(second.id, { mentor_id, action: "rotate" }), 409, "code_not_active");
  const unknown = "rc_00000000";
  for (const call of ["get", "url", "invalidate"] as const) problem<unknown>(call, await client[call](unknown), 404, "code_not_found");
}
