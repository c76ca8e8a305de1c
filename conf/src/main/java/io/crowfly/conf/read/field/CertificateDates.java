package io.crowfly.conf.read.field;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Check of the dates of certificates. A certificate that is not valid now makes the conf invalid; after a reload,
 * the old conf then stays in force. A certificate that expires soon causes a warning.
 */
public final class CertificateDates {

    /** Automatic renewals succeed earlier: usually 30 days before the end. A person needs some days. */
    private static final Duration SOON = Duration.ofDays(14);

    private CertificateDates() {}

    /** Checks the chain of a listener. Each certificate must be valid, because clients verify the whole chain. */
    public static void checkChain(Field field, PemReader.Chain chain) {
        check(field, chain.certificates(), false);
    }

    /**
     * Checks authorities to trust. An expired one is only a warning if another one is valid, because bundles of public
     * authorities may contain expired ones.
     */
    public static void checkAuthorities(Field field, PemReader.Chain authorities) {
        Instant now = field.reading().clock().instant();
        check(
                field,
                authorities.certificates(),
                authorities.certificates().stream().anyMatch(certificate -> isValid(certificate, now)));
    }

    private static void check(Field field, List<X509Certificate> certificates, boolean onlyWarn) {
        Instant now = field.reading().clock().instant();
        for (int i = 0; i < certificates.size(); i++) {
            X509Certificate certificate = certificates.get(i);
            String name = certificates.size() == 1 ? field.quoted() : nameInFile(field, i, certificate);
            Instant from = certificate.getNotBefore().toInstant();
            Instant until = certificate.getNotAfter().toInstant();
            if (now.isAfter(until)) {
                report(field, onlyWarn, name + " expired at " + until, "renew it");
            } else if (now.isBefore(from)) {
                report(
                        field,
                        onlyWarn,
                        name + " is not valid before " + from,
                        "name a certificate that is valid now, or correct the clock of this machine");
            } else if (!until.isAfter(now.plus(SOON))) {
                report(field, true, name + " expires at " + until + ", " + timeLeft(now, until), "renew it");
            }
        }
    }

    private static boolean isValid(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }

    private static String nameInFile(Field field, int index, X509Certificate certificate) {
        String subject = Field.quote(certificate.getSubjectX500Principal().getName());
        return "certificate " + (index + 1) + " in " + field.quoted() + ", " + subject + ",";
    }

    private static String timeLeft(Instant now, Instant until) {
        long days = Duration.between(now, until).toDays();
        return days == 0 ? "in less than a day" : days == 1 ? "in one day" : "in " + days + " days";
    }

    private static void report(Field field, boolean onlyWarn, String what, String mend) {
        if (onlyWarn) {
            field.warning(what, mend);
        } else {
            field.problem(what, mend);
        }
    }
}
