"""An MCP server over the API, for an agent. It needs `pip install fastmcp`, and CODES_API, the URL of the service.

What to allow an agent: to read, and to make codes. POST never ends a code, and may be repeated. PUT and DELETE end a code for
good, with every link and print of it: leave them out, as here, or have a person confirm each call.
"""
import os

import httpx2
import yaml
from fastmcp import FastMCP
from fastmcp.server.providers.openapi import MCPType, RouteMap

url = os.environ.get("CODES_API", "http://127.0.0.1:3000")
token = os.environ.get("CODES_TOKEN")  # under ACCESS=jwt; one with the scope codes:read cannot make codes either
client = httpx2.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"} if token else {})
allowed = RouteMap(tags={"codes"}, methods=["GET", "POST"], mcp_type=MCPType.TOOL)
description = yaml.safe_load(httpx2.get(f"{url}/openapi.yaml").text)
server = FastMCP.from_openapi(description, client, route_maps=[allowed, RouteMap(mcp_type=MCPType.EXCLUDE)])
if __name__ == "__main__":
    server.run()
