/**
 * What single settings mean, in simplified Chinese: by the key, with the mark of the English sentence that was translated. Of one that
 * has changed since, the English is shown until it is translated anew.
 */
import type { TranslatedSettings } from '../text-mark.ts';

export const settingsZh: TranslatedSettings = {
  host: [
    'e258510f',
    '监听的地址。除本机以外的地址至少需要一个客户端密钥。`""` 和 `0.0.0.0` 表示所有网络接口。下次启动时生效。',
  ],
  port: ['e77267a5', '监听的端口；0 表示任选一个空闲端口。下次启动时生效。'],
  'tls.enable': ['0e5ef69d', '以 HTTPS 而不是 HTTP 提供服务。'],
  'tls.cert': ['68bd5219', '证书链文件，PEM 格式。'],
  'tls.key': ['375b41c7', '私钥文件，PEM 格式。'],
  'allowed-hosts': [
    '91f3dd6c',
    '没有客户端密钥的网关除本机名称外还可用哪些名称访问；把自己的名称指向这里的网页会被拒绝。',
  ],
  'cors.origins': [
    '88e86c85',
    '可以从浏览器访问的网页，如 `https://chat.example.com`；`*` 表示任何网页。它们仍需要客户端密钥。',
  ],
  'remote-management.allow-remote': ['cc40328c', '允许其他电脑使用管理 API。'],
  'remote-management.secret-key': [
    '7cf47a7a',
    '管理 API 的密钥，或其 bcrypt 或 Argon2 哈希；没有它就没有管理 API。',
  ],
  'remote-management.disable-control-panel': [
    'c616b58e',
    '不提供控制台：`/console/` 和 `/management.html` 返回 404。',
  ],
  'shutdown-grace': ['126dbc3b', '服务被要求停止后，正在进行的应答还可持续多久。'],
  'shutdown-drain': [
    'f1835632',
    '被要求停止后，在此之前还接受请求多久：`/readyz` 立即报告未就绪，让负载均衡器把请求发往别处，连接在下一个应答后关闭。集群中默认 5s；没有集群时立即不再接受。',
  ],
  'trusted-proxies': [
    '0f92f6bd',
    '网关前面的代理，如 `127.0.0.1` 或 `10.0.0.0/8`：只有来自它们的 `X-Forwarded-For` 才说明请求属于谁，用于日志、减慢错误密钥的尝试，以及判断谁算本机（docs/security.md）。没有代理时使用套接字的地址。',
  ],
  sandbox: [
    '490e4553',
    '在既没有密钥也没有账号时，内置沙箱是否应答。首次启动会把它写入所生成的配置；没有它，这样的网关对所有模型返回 503。',
  ],
  'cluster.valkey': [
    '968e34e8',
    '保存快速变化的状态（限额、冷却、配额、对话）的 Valkey 或 Redis（6.2 或更高）。`redis://`，TLS 用 `rediss://`；`redis+sentinel://a:26379,b:26379/NAME` 询问哨兵，`redis+cluster://a:6379,b:6379` 是集群。也可用 `CLI_PROXY_API_VALKEY` 代替。',
  ],
  'cluster.postgres': [
    'ccfa2fb9',
    '保存必须持久的内容（账号、客户端密钥、价格、保存的应答、用量）的 Postgres（14 或更高）。也可用 `CLI_PROXY_API_POSTGRES` 代替。需要 `auth-encryption-key`。',
  ],
  'cluster.name': [
    'c5701bbb',
    '哪些副本属于一起。多个名称可以共用一个 Valkey；每个名称需要自己的 Postgres 数据库。',
  ],
  'cluster.when-valkey-is-away': [
    '0fe522ee',
    '无法连接 Valkey 时限额如何生效：`share` 让每个副本使用自己的一份，`local` 让每个副本使用全部，`refuse` 对有限额的密钥返回 503。',
  ],
  'cluster.refresh-alone': [
    '8ac1f1a7',
    '允许副本在 Postgres 不可用时更新已过期账号的令牌。其他副本可能也会这样做，而只接受一次刷新令牌的提供商随后会结束登录；没有它，这样的账号会休息到 Postgres 恢复。',
  ],
  'routing.strategy': ['b954190d', '在优先级最高且可提供服务的凭据中如何选择。'],
  'routing.session-affinity': [
    'ad895169',
    '让一个对话保持在同一凭据上，以命中提供商的提示缓存；该凭据休息时，由另一个长期接替。',
  ],
  'routing.session-affinity-ttl': ['bb12d127', '没有请求的对话被记住多久。'],
  'routing.session-affinity-wait': [
    'b83d8640',
    '当另一个凭据需要重新读取提示缓存中的内容时，对话最多等待自己的凭据恢复多久：每 1,000 个令牌 100 ms。`0`：从不等待。',
  ],
  'quota-exceeded.switch-project': [
    '06d33667',
    '一个项目的配额用完时，改用同一账号的另一个项目；`false` 让它的所有项目一起休息。',
  ],
  'quota-exceeded.switch-preview-model': [
    '6d5f8b7f',
    '当模型的配额在所有凭据上都用完时，改用该模型的预览版（`preview-models`）。',
  ],
  'quota-exceeded.preview-models': ['fec4b7a8', '哪些模型按此顺序代替哪些模型。'],
  'disable-cooling': ['a6668b5d', '失败的凭据从不休息：下一个请求可以立即使用它。'],
  'cooldown.probe': ['a23913c3', '提供商自己的提示最多相信多久；之后每次用一个请求检查它是否仍然有效。'],
  'cooldown.quota.first': ['089cb690', '没有提示的 429 之后的首次休息；每次失败加倍。'],
  'cooldown.quota.longest': ['90f2d33f', '没有提示的 429 之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.auth.first': ['492be946', '401 之后的首次休息；每次失败加倍。'],
  'cooldown.auth.longest': ['ebe9a44f', '401 之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.billing.first': ['159693fb', '402 之后的首次休息；每次失败加倍。'],
  'cooldown.billing.longest': ['26553692', '402 之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.forbidden.first': ['fb7cf4a8', '403 之后的首次休息；每次失败加倍。'],
  'cooldown.forbidden.longest': ['febf6d39', '403 之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.model-missing.first': ['61572efd', '404 之后的首次休息；每次失败加倍。'],
  'cooldown.model-missing.longest': ['4c89bd2c', '404 之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.unavailable.first': ['b55e6d3b', '5xx、408 或连接中断之后的首次休息；每次失败加倍。'],
  'cooldown.unavailable.longest': ['69ae619e', '5xx、408 或连接中断之后的休息不会更长；`0` 表示完全不休息。'],
  'cooldown.providers': [
    '85e2eb31',
    '单个提供商的其他数值，以其名称为键：gemini、claude、openai、xai、vertex、openai-compatibility、gemini-cli、claude-code、codex、qwen、iflow、antigravity、kimi、vertex-account。',
  ],
  'save-cooldown-status': [
    '935b20c1',
    '在 `auth-dir` 中保存谁休息到何时（`.cooldowns.json`）以及配额状况（`.quotas.json`），重启后仍在。',
  ],
  'request-retry': ['0a9f5c08', '失败的请求在其第一个字节之前还可再轮询凭据多少轮。'],
  'max-retry-credentials': ['4dc108bc', '一轮尝试多少个不同的凭据；0 表示全部。'],
  'max-retry-interval': [
    '4397127c',
    '请求总共最多等待休息中的凭据恢复多久；若没有凭据这么快恢复，则立即应答。0 表示从不等待。',
  ],
  'transient-error-cooldown-seconds': [
    'd7549d89',
    '408、5xx 或连接中断后凭据休息的固定秒数；0 表示 1 s，每次失败加倍，最多 60 s（`cooldown.unavailable`）；-1 表示不休息。',
  ],
  'timeouts.connect': ['9e9e7bea', '直到建立连接。'],
  'timeouts.first-byte': ['d5315d6b', '直到流的第一个事件；仅有标头不算。'],
  'timeouts.stall': ['f842bb9c', '流的两个片段之间。'],
  'timeouts.whole': ['9556d224', '直到非流式应答完整。'],
  'timeouts.providers': ['4f548ff0', '单个提供商的其他时限，名称同 `cooldown.providers`。'],
  'streaming.keepalive-seconds': [
    '7cd2445a',
    '等待流达到此时长的客户端会收到流的开头（状态 200），此后每隔同样时长收到一次保活信号；之后的失败以流中的错误到达。0 表示从不。更多见 docs/streaming.md。',
  ],
  'nonstream-keepalive-interval': [
    'bf6f1351',
    '对非流式应答同样如此：达到此时长后，每隔同样时长在 JSON 前发送一个空行。之后的失败会中断连接。0 表示从不。',
  ],
  'api-keys': [
    'e960d8fe',
    '客户端发送的密钥。每个是一段文本，或带有自身限额的 `{key, name, …}`（docs/limits.md）。环境变量 `CLI_PROXY_API_KEY` 可添加一个（或用逗号分隔的多个）。没有任何密钥时，本机上的所有人都可使用服务。',
  ],
  prices: [
    'bc749f2e',
    '模型的价格，按名称，`*` 代表任意文字；用于自带价格不正确或没有价格之处；影响费用和客户端密钥的预算。',
  ],
  'model-routes': [
    '0ce9030d',
    '自定名称的模型：另一个模型、按顺序尝试的多个模型，或按请求内容的规则。名称中的 `*` 代表任意文字（docs/routing.md）。',
  ],
  'force-model-prefix': ['8898fe8d', '带有 `prefix` 的凭据只提供 `prefix/model`，不再单独提供 `model`。'],
  'translation.strict': [
    '962351d6',
    '若没有凭据能无损地处理请求，则拒绝它（400，并列出字段），而不是丢弃提供商没有位置的内容。',
  ],
  'payload.default': ['cafc4803', '设置请求未指定的内容；同一路径以第一条规则为准。'],
  'payload.default-raw': ['5e0814c6', '同上，使用 JSON 文本。'],
  'payload.override': ['9d2b1e41', '无论请求如何都设置；同一路径以最后一条规则为准。'],
  'payload.override-raw': ['5e0814c6', '同上，使用 JSON 文本。'],
  'payload.filter': ['bdc78a7c', '在其他所有规则之后，从请求中移除路径。'],
  'oauth-model-alias': ['d53035d7', '已登录账号的模型的其他名称，按账号种类。'],
  'oauth-excluded-models': ['d64fa281', '从不发送给已登录账号的模型，按账号种类；`*` 代表任意文字。'],
  'oauth-request-scoped-errors': ['fb0c9fa1', '已登录账号的 `request-scoped-errors`，按账号种类。'],
  'proxy-url': [
    'd761c5c8',
    '向提供商发送请求时使用的代理：http、https、socks5 或 socks4，socks5h 或 socks4a（由代理解析名称）；`direct` 忽略环境中的代理变量。',
  ],
  'passthrough-headers': [
    '4b7381cd',
    '把提供商应答的标头也交给客户端：有关连接、Cookie、认证或正文的标头除外。',
  ],
  providers: ['488a327d', '已登录账号的提供商，用于由镜像或测试服务器代替之处。'],
  debug: ['d3ea4cc3', '记录更多日志：翻译改变了什么、更新了哪些令牌、提供商没有给出哪些模型列表。'],
  'log.format': ['6db8b30f', '`auto` 在终端中便于阅读，其他情况下为 JSON。'],
  'log.directory': [
    '5f40fadd',
    '日志文件的位置。未设置时为 `$WRITABLE_PATH/logs`，否则为工作目录中的 `logs`，再否则在 `auth-dir` 中。',
  ],
  'logging-to-file': [
    'd966612b',
    '把日志写入 `log.directory` 中的 `main.log`，而不是标准输出；每 10 MiB 开始一个新文件。',
  ],
  'logs-max-total-size-mb': ['a06aac4a', '所有日志文件总共最多多少 MiB；最旧的先删除。0 表示 256。'],
  'request-log': [
    '6e67b19c',
    '把每个请求及其全部结果写入 `log.directory` 中单独的文件：仅所有者可读（0600），机密已遮盖，正文最多 1 MiB。其中含有人们写的内容；除非在查找问题，否则请关闭。',
  ],
  'error-logs-max-files': [
    '781d1279',
    '`request-log` 关闭时，仍保留这么多个最新的失败请求文件（`error-….log`）；0 表示不保留，-1 表示 10。',
  ],
  'usage.enable': [
    '0a2d3fcb',
    '保存每个请求的记录：谁请求、谁应答、令牌、时间和费用；从不保存内容，也不保存密钥。',
  ],
  'usage.keep-requests': ['c3d95283', '单个请求保存多久。'],
  'usage.keep-hours': ['5dc8ee67', '每小时的合计保存多久；每日的合计一直保留。'],
  'usage.max-size': ['e0a85fdb', '全部用量数据在磁盘上最多占用多少；最旧的请求先删除。'],
  'usage.timezone': ['2d30a252', '以哪个时区的午夜为一天的结束，如 `Europe/Berlin`。未设置时为本机的时区。'],
  'responses.store': [
    '510a01ab',
    '为 `previous_response_id`、`GET` 和 `DELETE` 保存 Responses API 的应答，无论由哪个提供商应答；客户端可用 `store: false` 选择不保存。应答以完整文本保存在仅您可读的 SQLite 中（`auth-dir` 中的 `.responses.sqlite`），直到最后一次使用后的 `ttl`。',
  ],
  'responses.ttl': ['009ce818', '应答在生成或最后一次接续之后保存多久。'],
  'responses.max-bytes': ['96cc128c', '保存的应答在磁盘上最多占用多少；最旧的先删除。'],
  'usage-statistics-enabled': [
    '1d4e049c',
    '把已完成的请求保存在内存中，供程序从 `GET /v0/management/usage-queue` 读取（docs/management-api.md）。',
  ],
  'redis-usage-queue-retention-seconds': ['606c3891', '这样的请求保存多少秒。'],
  'quota.poll': [
    '18d06cf2',
    '多久向提供商询问一次账号的余量（在其自身程序询问的地址）：只询问一小时内使用过的账号，提供商返回 401、403 或 429 后不再询问。`0`：从不；应答仍会告知余量。',
  ],
  'alerts.url': ['3d8ee2e9', '告警发送到的地址，以 JSON 的 POST 发送；没有它就没有告警。'],
  'alerts.headers': ['19192970', '该请求的标头。'],
  'alerts.secret': [
    '94df43d3',
    '为正文签名：`x-signature-256: sha256=` 加上以此机密计算的 HMAC-SHA256（十六进制）。',
  ],
  'alerts.on': ['20697804', '对哪些事发出告警；未设置时为全部。'],
  'alerts.min-interval': ['5957197b', '对同一件事的两次告警之间的最短时间。'],
  'metrics.enable': ['fd9e83a7', '提供 `GET /metrics`；关闭时没有此地址。'],
  'metrics.listen': [
    '62015847',
    '在此地址和端口而不是网关自己的地址提供指标：`127.0.0.1:9090`。下次启动时生效。',
  ],
  'metrics.token': [
    '8635bfb8',
    '以 `Authorization: Bearer` 发送它的人可从任何地方读取指标，管理密钥也可以。本机上的程序两者都不需要。',
  ],
  'metrics.per-credential': [
    '3d9d9c11',
    '每个凭据和每个有名称的客户端密钥的序列：配额、冷却、限额。超过 200 个时不提供。',
  ],
  'metrics.genai': [
    'b35652f9',
    '除自身指标外，还提供 OpenTelemetry 约定的 `gen_ai_*` 指标，名称与 Envoy AI Gateway 相同；`OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental` 改用较新的名称。',
  ],
  'tracing.endpoint': [
    'f95c9a05',
    '追踪发送到的地址，通过 HTTP 的 OTLP：收集器的地址，如 `http://127.0.0.1:4318`。没有它，也没有 `OTEL_EXPORTER_OTLP_ENDPOINT` 时，不追踪。',
  ],
  'tracing.headers': ['6656e0c1', '这些请求的标头，例如接收追踪的服务的密钥。'],
  'tracing.sample': [
    '03d66872',
    '从这里开始的追踪中导出的比例。失败的、超过 30 s 的和多次尝试的请求总会导出。',
  ],
  'tracing.propagate': [
    '9b0c34de',
    '提供商是否收到 `traceparent`：都不、仅您自己地址上的（非提供商的），或全部。收到它的人可以把您的请求联系起来。',
  ],
  'tracing.protocol': ['5749b09a', '追踪如何编码。'],
  'auth-dir': ['b993676a', '登录所生成的账号文件的目录；未设置时为 `CLI_PROXY_API_HOME`（若已设置）。'],
  'auth-encryption-key': [
    'f50b5c72',
    '加密账号文件（AES-256-GCM）。密钥本身来自环境 `${NAME}`、`file:PATH`，或系统钥匙串 `keychain:NAME`。未加密的文件仍可读取。',
  ],
  'gemini-api-key': ['55dfc5b0', 'Gemini API（Google AI Studio）的密钥。'],
  'claude-api-key': ['aa3793df', 'Claude API 的密钥，或使用 Anthropic Messages 的其他服务的密钥。'],
  'codex-api-key': ['38377201', 'OpenAI API 的密钥，或使用 OpenAI Responses 的其他服务的密钥。'],
  'xai-api-key': ['05a4e213', 'xAI API 的密钥。'],
  'vertex-api-key': ['b46937e2', 'Vertex AI 快速模式的密钥。'],
  'openai-compatibility': ['36b1c68a', '使用 OpenAI 协议的任何其他服务，包括本地服务器。'],
  'bounds.request-body': ['d561d4d2', '发送时的最大请求正文；更大的返回 413。旧名称为 `max-request-bytes`。'],
  'bounds.request-silence': [
    '63341e0a',
    '请求的标头或正文多少秒没有任何内容到达就关闭连接；未使用的连接也保留这么久。以四秒为单位计；0 表示没有限制。重新启动后生效。',
  ],
  'bounds.unpacked-request': ['45926d2b', '解压后的最大请求正文；更大的返回 413。'],
  'bounds.all-requests-unpacked': [
    'ff4be5e1',
    '所有请求合计，同时解压的压缩请求正文最多多少字节；再多的返回 503。',
  ],
  'bounds.websocket-message': [
    'eaa607ed',
    '最大的 WebSocket 消息：客户端的过大消息以 1009 关闭连接，提供商的过大消息视为损坏的应答。',
  ],
  'bounds.model-name': ['4051e17a', '请求中最长的模型名称；更长的返回 400。'],
  'bounds.nesting': ['5e3429a5', 'JSON 中列表和对象的最大层数；更深的请求返回 400，更深的应答视为损坏。'],
  'bounds.json-values': [
    '83b7a6fd',
    '请求的 JSON 中最多的值，它们决定读取和翻译所需的时间：列表或对象计二，字符串计一，名称计一（新名称计六，同一对象中第 1,024 个之后计十六），逗号计半，嵌入中计六十四分之一。约为 30,000 条一句话的消息；更多的返回 413。更大的请求会让其他请求等待更久。',
  ],
  'bounds.token-estimate': ['05d5950d', '为估计令牌数最多读取请求的多少字节；其余按长度计算。'],
  'bounds.upstream-head': [
    '0da6e84b',
    '应答的状态行和标头的最大长度；更长的视为损坏的应答：换下一个凭据，否则返回 502。超过下列任何应答上限的也是如此。',
  ],
  'bounds.whole-answer': ['d61b3e03', '发送时最大的非流式应答。'],
  'bounds.unpacked-answer': ['84166452', '解压后最大的非流式应答，用于未经要求就压缩的提供商。'],
  'bounds.all-answers-unpacked': ['be498b5d', '所有请求合计，同时解压保存的压缩应答最多多少字节。'],
  'bounds.error-body': ['d620739b', '错误应答或重定向最多读取多少字节；超出部分被截断，状态仍然有效。'],
  'bounds.error-text': [
    'c420df15',
    '客户端读到的提供商错误最多多少字节：更长的消息会被截断并注明，更长的正文会重新编写。',
  ],
  'bounds.account-answer': ['dd966215', '网关自身为账号发出的调用（更新令牌、模型列表）的最大应答。'],
  'bounds.sse-line': ['42dc9acb', '流中最长的一行。'],
  'bounds.held-events': ['7496aeb2', '在确定应答成功之前，流开头最多保留多少字节的预告事件。'],
  'bounds.answer-items': ['9dc234dc', '一个应答中最多的选项、内容块或条目，以及其最大的序号。'],
  'bounds.answer-values': [
    '949e5514',
    '读取的非流式应答或流中单个事件的 JSON 中最多的值：列表或对象计四分之三，字符串计二又二分之一，名称计十二，两者重复时计四分之一，逗号计八分之三。约为 8,000 个令牌，每个带有 20 个其他令牌的概率；更多的应答视为损坏。原样通过的应答没有此上限。',
  ],
  'bounds.stored-response': ['ea4abd56', '保存的 Responses API 应答（连同其输入）的最大大小；更大的不保存。'],
  'bounds.connection-history': [
    '6940dedc',
    '一个 Responses API 的 WebSocket 上最多记住多少字节的对话；更早的内容不能再以其标识接续。',
  ],
  'bounds.all-connections-history': ['eae997d7', '所有连接合计同上：无论属于谁，最旧的先丢弃。'],
  'bounds.loss-header': ['e5e09868', '最长的 `x-translation-loss` 标头；结尾是省略内容的数目。'],
  'bounds.trace': ['c621a8ad', '为 `explain` 最多记住一个请求的多少字节。'],
  'bounds.log-line': ['131381ef', '日志中最长的一行；其中更长的文字会被截断。'],
  'max-request-bytes': [
    '7b3979ad',
    '在未单独设置时，设置 `bounds.request-body`、`bounds.unpacked-request` 和 `bounds.websocket-message`。',
  ],
};
