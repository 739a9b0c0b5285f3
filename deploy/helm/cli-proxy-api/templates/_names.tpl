{{- define "cli-proxy-api.labels" -}}
app.kubernetes.io/name: cli-proxy-api
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
