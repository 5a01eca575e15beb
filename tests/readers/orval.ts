import * as api from "./generated";
import { type Answer, base, live } from "./life";

// The generated paths are relative to the page.
const { fetch } = globalThis;
globalThis.fetch = (path, options) => fetch(`${base}${path as string}`, options);
type Result<T> = { status: 200 | 201; data: T } | { status: number; data: api.Problem };
const answer = <T>({ status, data }: Result<T>): Answer<T> => (status < 300 ? { status, ok: data as T } : { status, problem: data as api.Problem });

void live({
  list: async (query) => answer<api.CodeList>(await api.listReferralCodes(query)),
  create: async (body) => answer<api.Code>(await api.getOrCreateReferralCode(body)),
  get: async (id) => answer<api.Code>(await api.getReferralCode(id)),
  rotate: async (id, body) => answer<api.Code>(await api.rotateCode(id, body)),
  invalidate: async (id) => answer<api.Invalidated>(await api.invalidateCode(id)),
  url: async (id) => answer<api.Urls>(await api.buildReferralUrl(id)),
});
