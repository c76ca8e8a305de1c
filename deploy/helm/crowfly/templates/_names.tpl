{{- define "crowfly.name" -}}
{{- if contains "crowfly" .Release.Name }}{{ .Release.Name | trunc 50 }}{{ else }}{{ .Release.Name | trunc 42 }}-crowfly{{ end }}
{{- end }}

{{- define "crowfly.selector" -}}
app.kubernetes.io/name: crowfly
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "crowfly.labels" -}}
{{ include "crowfly.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
