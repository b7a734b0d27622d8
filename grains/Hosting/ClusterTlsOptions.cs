using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansInbox;

/// <summary>
/// Section <c>Cluster:Tls</c>: each side of a connection between members shows a certificate (mutual TLS). All members and front-ends have it, or none.
/// </summary>
/// <param name="Certificate">What this member shows, with its key.</param>
/// <param name="Trusted">The self-signed certificates of the file: the other side's certificate has to come from one of them.</param>
public sealed record ClusterTlsOptions(X509Certificate2 Certificate, X509Certificate2Collection Trusted)
{
    /// <summary>
    /// <c>CertificateFile</c>: PKCS#12 with this member's certificate, its key, and the authority that issues the members' certificates.
    /// A self-signed certificate alone trusts itself: every member then has that file.
    /// </summary>
    public static ClusterTlsOptions? Read(SettingsReader settings)
    {
        settings.OnlyKnown("Cluster:Tls", "CertificateFile", "CertificatePassword");
        var (file, password) = (settings.Text("Cluster:Tls:CertificateFile"), settings.Text("Cluster:Tls:CertificatePassword"));
        if (file is null)
        {
            if (password is not null) settings.Violation("Cluster:Tls:CertificatePassword needs Cluster:Tls:CertificateFile.");
            return null;
        }
        try
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
            if (all.FirstOrDefault(certificate => certificate.HasPrivateKey) is not { } own) settings.Violation($"Cluster:Tls:CertificateFile: {file} has no private key.");
            else if (all.Where(IsSelfSigned).ToArray() is not { Length: > 0 } trusted) settings.Violation($"Cluster:Tls:CertificateFile: {file} has to contain the authority that issued the certificate.");
            else return new(own, [.. trusted]);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            settings.Violation($"Cluster:Tls:CertificateFile cannot be read as PKCS#12 with Cluster:Tls:CertificatePassword: {failure.Message}");
        }
        return null;
    }

    /// <summary>Whether the certificate of the other side comes from a trusted one. Its names do not count: members are known by changing addresses.</summary>
    public bool Accepts(X509Certificate2 other)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(other);
    }

    private static bool IsSelfSigned(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
