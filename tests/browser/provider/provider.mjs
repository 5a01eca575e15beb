// A certified OpenID Connect provider (npm: oidc-provider) on loopback: the issuer on one port, its token endpoint on another. It
// prints both origins, reads a line with its settings, prints one more when it is ready, then each access token that it gives, and
// ends with its standard input.
//
// { "console": the page's URL, "seconds": how long a token lives, as it says: a busy machine may use it later than that }

import { createRequire } from "node:module";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

// npm installs it outside the repository.
const { Provider } = createRequire(`${process.env.OIDC_PROVIDER}/`)("oidc-provider");

let answer;
const listen = async () => {
    const server = createServer((request, response) => answer(request, response));
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    return `http://127.0.0.1:${server.address().port}`;
};
const [issuer, tokenOrigin] = [await listen(), await listen()];
console.log(JSON.stringify({ issuer, tokenOrigin }));

const lines = createInterface({ input: process.stdin });
lines.on("close", () => process.exit());
const settings = JSON.parse(await new Promise((read) => lines.once("line", read)));

const provider = new Provider(issuer, {
    clients: [
        {
            client_id: "console",
            token_endpoint_auth_method: "none",
            redirect_uris: [settings.console],
            post_logout_redirect_uris: [settings.console],
            grant_types: ["authorization_code", "refresh_token"],
        },
    ],
    clientBasedCORS: () => true,
    cookies: { keys: ["of tests"] },
    extraTokenClaims: () => ({ org_id: "org_001" }),
    features: {
        resourceIndicators: {
            enabled: true,
            getResourceServerInfo: (_, audience) => ({
                scope: "codes:read codes:write",
                audience,
                accessTokenFormat: "jwt",
                accessTokenTTL: 3600,
            }),
            useGrantedResource: () => true,
        },
    },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    pkce: { required: () => true },
    scopes: ["openid", "offline_access", "codes:read", "codes:write"],
});
provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route === "discovery") context.body.token_endpoint = `${tokenOrigin}/token`;
    if (context.body?.access_token === undefined) return;
    context.body.expires_in = settings.seconds;
    console.log(`token ${context.body.access_token}`);
});
answer = provider.callback();
console.log("ready");
