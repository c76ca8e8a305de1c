/**
 * Forecasts of latency: classes of requests, estimators of their time to the first token, and the load curve. Inputs
 * are latencies of probes and live requests. The outputs are {@link io.crowfly.probes.forecast.Forecast} per backend
 * and class, and {@link io.crowfly.probes.forecast.ClassForecast} per class.
 *
 * <p>Imports nothing of {@link io.crowfly.probes}, which passes samples to the estimators and publishes their
 * forecasts. The estimators are public for that package only.
 */
@org.jspecify.annotations.NullMarked
package io.crowfly.probes.forecast;
