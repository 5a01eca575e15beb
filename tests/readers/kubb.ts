import * as api from "./generated";
import { type Answer, base, live } from "./life";

// Its client sends a body without a type unless it is told one.
const config = { baseURL: base, headers: { "content-type": "application/json" } };
type Result<T> = { status: number; data: T };
// Only the success is in the result's type.
const answer = <T>({ status, data }: Result<T>): Answer<T> => (status < 300 ? { status, ok: data } : { status, problem: data as api.Problem });

void live({
  list: async (query) => answer(await api.listReferralCodes(query, config)),
  create: async (body) => answer(await api.getOrCreateReferralCode(body, config)),
  get: async (id) => answer(await api.getReferralCode(id, config)),
  rotate: async (id, body) => answer(await api.rotateCode(id, body, config)),
  invalidate: async (id) => answer(await api.invalidateCode(id, config)),
  url: async (id) => answer(await api.buildReferralUrl(id, config)),
});
