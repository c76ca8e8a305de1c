package io.crowfly.balancer.provider;

import io.crowfly.conf.Backend;
import io.crowfly.probes.Api;

/** Azure's v1 API: OpenAI's paths under {@code /openai}. */
final class AzureDialect extends CloudDialect {

    private final String prefix;

    AzureDialect(Backend backend) {
        super(backend);
        prefix = Targets.prefix(backend) + "/openai";
    }

    @Override
    public boolean serves(String target) {
        return target.startsWith("/v1/") && !Targets.isEvasive(target);
    }

    @Override
    public boolean serves(Api api) {
        return true;
    }

    @Override
    public String target(String target) {
        return prefix + target;
    }
}
