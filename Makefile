# `make dev` starts everything on http://localhost:9000; `make test` runs every check.
# Both install what they need (Debian's apt, cargo, npm).

.DEFAULT_GOAL := help
.PHONY: help dev test test-page bench openapi page screenshots deploy

PORT ?= 9000

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

dev: page ## Page and API with a demo store on http://localhost:9000
	cargo run -p local -- --port $(PORT)

page: ## Build the Admin page where there is one and it is stale
	@infra/checks/page.sh

screenshots: page ## Every state of the page into admin/screenshots, while `make dev` runs
	cd admin && STACK_URL=http://127.0.0.1:$(PORT) npm run screenshots

test: ## Every check, with the seconds of each at the end
	@infra/checks/run.sh

test-page: ## Walk the page in a real Chromium against the real local stack
	@infra/checks/page-browser.sh

bench: ## Measure: throughput, latency, memory, start-up, with sizes
	@infra/checks/bench.sh

openapi: ## Write infra/openapi.json from the Rust types
	cargo run --quiet -p local --bin openapi > infra/openapi.json

deploy: ## Build and deploy to AWS (asks for the parameters)
	sam build
	sam deploy --guided
