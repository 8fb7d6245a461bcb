// Manifests the tests load: the three of the founding text, verbatim, and one that uses every key.
#pragma once

#include <string_view>

namespace weft::manifest {

inline constexpr std::string_view greeting_sample = R"toml(spin_manifest_version = 2

[application]
name = "greeting-service"
version = "0.1.0"
authors = ["wg/all "]
description = "A simple greeting service"

[[trigger.http]]
route = "/api/greet"
component = "greeting"

[component.greeting]
source = "target/wasm32-wasi/release/greeting.wasm"
allowed_outbound_hosts = []
key_value_stores = ["default"]

[component.greeting.build]
command = "cargo build --release --target wasm32-wasi"
watch = ["src/**/*.rs", "Cargo.toml"]
)toml";

inline constexpr std::string_view observability_sample = R"toml([application]
name = "production-app"
version = "1.0.0"

# OpenTelemetry integration
[application.trigger.http]
type = "http"
base = "/"

[application.otel]
enabled = true
endpoint = "http://otel-collector.monitoring.svc:4317"
protocol = "grpc"
service_name = "hello-wasm"

[[trigger.http]]
route = "/api/..."
component = "api"

[component.api]
source = "target/wasm32-wasi/release/api.wasm"

# Enable Spin's built-in metrics
[component.api.variables]
METRICS_ENABLED = "true"
METRICS_PATH = "/metrics"
)toml";

inline constexpr std::string_view security_sample = R"toml([component.api]
source = "target/wasm32-wasi/release/api.wasm"

# Strict capability declarations
allowed_outbound_hosts = ["https://api.stripe.com", "https://api.sendgrid.com"]
key_value_stores = ["default"]
ai_models = []

# No file system access by default
# (omit allowed_paths entirely)

# Environment variables only for non-secrets
[component.api.variables]
API_VERSION = "v1"
LOG_LEVEL = "info"

# Secrets from platform secret store
[component.api.secrets]
DATABASE_URL = { source = "spin-application", key = "database-url" }
STRIPE_KEY = { source = "spin-application", key = "stripe-key" }
)toml";

inline constexpr std::string_view full_sample = R"toml(spin_manifest_version = 2

[application]
name = "full"
version = "1.0.0"
description = "every key"
authors = ["a", "b"]
targets = ["spin-up:3.2", { path = "env.toml" }]

[application.trigger.http]
type = "http"

[application.trigger.redis]
address = "redis://{{ redis_host }}:6379"

[application.tool.anything]
free = { form = [1, 2.5, 2026-01-01] }

[variables]
greeting = { default = "hello", description = "said first" }
redis_host = { default = "localhost" }
db_password = { required = true, secret = true }

[[trigger.http]]
id = "main"
route = "/web/..."
component = "web"
dependencies.middleware = [{ path = "auth.wasm", inherit_configuration = ["variables"] }, { component = "helper" }]

[[trigger.http]]
route = { private = true }
component = "worker"
executor = { type = "spin" }

[[trigger.http]]
route = "/old"
static_response = { status_code = 308, headers = { location = "/new" }, body = "moved" }

[[trigger.http]]
id = "inline-one"
route = "/inline/:id"
component = { source = "inline.wasm", description = "written in place" }

[[trigger.redis]]
channel = "orders"
component = "worker"

[[trigger.redis]]
channel = "{{ greeting }}"
address = "redis://other"
component = "worker"

[[trigger.cron]]
component = "worker"
cron_expression = "1/2 * * * * *"

[component.web]
source = { url = "https://example.com/web.wasm", digest = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }
description = "the pages"
variables = { message = "{{ greeting }}, world", password = "{{ db_password }}" }
environment = { RAW = "{{ not expanded }}" }
files = ["assets/**/*.html", { source = "img", destination = "static/./img/" }]
exclude_files = ["**/*.md"]
allowed_outbound_hosts = ["http://self", "https://{{ greeting }}.example.com", "http://worker.spin.internal"]
key_value_stores = ["default", "my_store"]
sqlite_databases = ["default"]
ai_models = ["llama2-chat"]
allowed_paths = ["data", { source = "/var/lib/web", destination = "/var", write = true }]
targets = ["spin-up:4.1"]
tool = { any = "thing" }

[component.web.build]
command = ["npm install", "npm run build"]
workdir = "web"
watch = ["src/**/*.ts"]

[component.web.dependencies]
"acme:log" = "^1.2"
shop = { version = ">=1, <2", package = "acme:shop", registry = "ghcr.io" }
"acme:store/api@1.0.0" = { path = "store.wasm", export = "acme:store/api", inherit_configuration = ["files", "variables"] }
"acme:help/api" = { component = "helper", inherit_configuration = true }

[component.web.profile.debug]
source = "debug/web.wasm"
environment = { DEBUG = "1" }
build.command = "npm run debug"

[component.worker]
source = { registry = "ghcr.io", package = "acme:worker", version = "1.2.3" }

[component.helper]
source = "helper.wat"
)toml";

}  // namespace weft::manifest
