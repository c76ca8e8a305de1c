import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Checks of the Helm chart by Helm itself, as the library helm-java contains it: lint, rendering of some values files,
 * and refusal of values that the schema does not allow. Arguments: the chart, and a folder for the rendered files.
 */
final class Chart {

    private Chart() {}

    public static void main(String[] args) throws Exception {
        Path chart = Path.of(args[0]);
        Path out = Path.of(args[1]);
        LintResult lint = new Helm(chart).lint().strict().call();
        lint.getMessages().forEach(System.out::println);
        if (lint.isFailed()) {
            throw new IllegalStateException("helm lint failed");
        }
        Files.writeString(out.resolve("defaults.yaml"), render(chart).call());
        Files.writeString(
                out.resolve("all.yaml"),
                render(chart)
                        .set("autoscaling.enabled", "true")
                        .set("tls.secretName", "edge-tls")
                        .set("service.type", "LoadBalancer")
                        .set("serviceAccount.name", "crowfly")
                        .set("nodeSelector.pool", "edge")
                        .set("podAnnotations.team", "edge")
                        .call());
        String all = Files.readString(out.resolve("all.yaml"));
        for (String expected : List.of(
                "kind: ConfigMap",
                "kind: Deployment",
                "kind: Service\n",
                "kind: PodDisruptionBudget",
                "kind: HorizontalPodAutoscaler",
                "averageValue: \"2000\"",
                "readOnlyRootFilesystem: true",
                "runAsNonRoot: true",
                "topologyKey: topology.kubernetes.io/zone",
                "\"/bin/busybox\", \"sleep\", \"10\"")) {
            require(all.contains(expected), "the chart does not render: " + expected);
        }
        require(!all.contains("replicas: 2"), "replicas are set beside an autoscaler");
        require(!all.contains("subPath"), "a subPath mount is not updated by Kubernetes");
        refuse(render(chart).set("preStopSecond", "1"), "preStopSecond");
        refuse(render(chart).set("conf", "backends: []"), "conf");
        refuse(render(chart).set("service.ports[0].targetPort", "80"), "targetPort");
    }

    private static TemplateCommand render(Path chart) {
        return new Helm(chart).template().withName("edge").withNamespace("edge").withKubeVersion("1.31.0");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalStateException(message);
        }
    }

    private static void refuse(TemplateCommand command, String key) {
        try {
            command.call();
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains(key)) {
                return;
            }
            throw e;
        }
        throw new IllegalStateException("the chart was rendered with an invalid value of " + key);
    }
}
