import * as sdk from "./generated";
import { client } from "./generated/client.gen";
import { type Answer, base, live } from "./life";

client.setConfig({ baseUrl: base });
type Result<T> = { data: T | undefined; error: sdk.Problem | undefined; response?: Response };
const answer = <T>({ data, error, response }: Result<T>): Answer<T> => ({ status: response!.status, ok: data, problem: error });
const at = (id: string) => ({ path: { id } });

void live({
  list: async (query) => answer(await sdk.listReferralCodes({ query })),
  create: async (body) => answer(await sdk.getOrCreateReferralCode({ body })),
  get: async (id) => answer(await sdk.getReferralCode(at(id))),
  rotate: async (id, body) => answer(await sdk.rotateCode({ ...at(id), body })),
  invalidate: async (id) => answer(await sdk.invalidateCode(at(id))),
  url: async (id) => answer(await sdk.buildReferralUrl(at(id))),
});
