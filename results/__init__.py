"""Turn finished runs into tables, charts, cost-benefit figures and a briefing."""
