# `make dev` starts everything on http://localhost:9000; `make test` runs every check.
# Both install what they need (Debian's apt, cargo, npm).

.DEFAULT_GOAL := help
.PHONY: help dev test test-page bench openapi page rehearse screenshots deploy deploy-page

PORT ?= 9000
ARCHITECTURE ?= arm64

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

rehearse: ## Deploy to an emulated AWS on this machine and run a store's life through it
	cargo build --workspace --bins --tests --locked
	infra/checks/rehearsal.sh

# Keeps a wait for entropy out of each cold start.
deploy: export AWS_LC_SYS_NO_JITTER_ENTROPY = 1
deploy: ## Build and deploy to AWS (asks for the parameters)
	sam build --parameter-overrides Architecture=$(ARCHITECTURE)
	sam deploy --guided --capabilities CAPABILITY_IAM

deploy-page: ## Put the page into the stack: make deploy-page STACK=campaigns CONFIG=config.json
	infra/deploy-page.sh "$(STACK)" "$(CONFIG)"
