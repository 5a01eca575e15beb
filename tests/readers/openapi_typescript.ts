import createClient from "openapi-fetch";
import { type Answer, base, live } from "./life";
import type { components, paths } from "./generated";

const client = createClient<paths>({ baseUrl: base });
type Result<T> = { data?: T; error?: components["schemas"]["Problem"]; response: Response };
const answer = <T>({ data, error, response }: Result<T>): Answer<T> => ({ status: response.status, ok: data, problem: error });
const at = (id: string) => ({ params: { path: { id } } });

void live({
  list: async (query) => answer(await client.GET("/api/v1/referral-codes", { params: { query } })),
  create: async (body) => answer(await client.POST("/api/v1/referral-codes", { body })),
  get: async (id) => answer(await client.GET("/api/v1/referral-codes/{id}", at(id))),
  rotate: async (id, body) => answer(await client.PUT("/api/v1/referral-codes/{id}", { ...at(id), body })),
  invalidate: async (id) => answer(await client.DELETE("/api/v1/referral-codes/{id}", at(id))),
  url: async (id) => answer(await client.GET("/api/v1/referral-codes/{id}/url", at(id))),
});
