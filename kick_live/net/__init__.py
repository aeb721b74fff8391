"""Everything that touches the network: REST requests, name resolution, negotiation, WebSockets."""
