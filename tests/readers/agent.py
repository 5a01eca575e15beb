"""What an agent sees of examples/clients/mcp_server.py, and gets back. Argument: that program."""

import asyncio
import os
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError

TOOLS = {
    "listReferralCodes": "Lists codes, active and ended ones, and changes nothing.",
    "getOrCreateReferralCode": "Makes a code for the mentor, if the mentor has no active one;",
    "getReferralCode": "Returns a code, active or ended, and changes nothing.",
    "buildReferralUrl": "Returns the links of an active code, and changes nothing.",
}


async def main() -> None:
    server = StdioTransport(sys.executable, [sys.argv[1]], env=dict(os.environ))
    async with Client(server) as agent:
        # Nothing that ends a code is there to be called.
        tools = {tool.name: tool.description or "" for tool in await agent.list_tools()}
        assert tools.keys() == TOOLS.keys(), tools
        assert all(tools[name].startswith(text) for name, text in TOOLS.items()), tools

        async def call(name: str, **arguments: object) -> dict:
            return (await agent.call_tool(name, arguments)).structured_content

        code = await call("getOrCreateReferralCode", mentor_id="of-agent", org_id="org_agent", mentor_name="Jan")
        assert code["status"] == "active" and code["code"].startswith("JAN-")
        assert await call("getReferralCode", id=code["id"]) == code
        assert (await call("buildReferralUrl", id=code["id"]))["url"] == code["url"]
        for arguments in ({"mentor_id": "of-agent"}, {"code": code["code"].lower().replace("-", " ")}, {"org_id": "org_agent", "cursor": ""}):
            assert (await call("listReferralCodes", **arguments))["data"] == [code], arguments
        # An error arrives whole: what failed, and what to do.
        for name, arguments, says in (
            ("getReferralCode", {"id": "rc_00000000"}, ["code_not_found", "No code has this id"]),
            ("getOrCreateReferralCode", {"mentor_id": "of-agent", "org_id": "org_2"}, ["mentor_in_other_org", code["id"]]),
            ("listReferralCodes", {"page": 1, "cursor": ""}, ["invalid_parameter", "must be left out"]),
        ):
            try:
                raise AssertionError(await call(name, **arguments))
            except ToolError as error:
                assert all(text in str(error) for text in says), error


asyncio.run(main())
