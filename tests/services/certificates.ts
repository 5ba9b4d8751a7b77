import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Files of a CA of the test's own, of a server that it knows as `localhost`, and of a client that nobody signed. */
export interface Certificates {
  ca: string;
  server: { cert: string; key: string };
  client: { cert: string; key: string; /** SHA-256, in hex. */ fingerprint: string };
}

export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<{ stdout: string }> => run("openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ofCa = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=A CA of the test", ...ofCa);
  await openssl("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  await writeFile(file("names"), "subjectAltName=DNS:localhost\n");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "server.csr", ...signed, "-out", "server.pem");
  await openssl("req", "-x509", ...key, "-keyout", "client.key", "-out", "client.pem", "-days", "2", "-subj", "/CN=puppet-gate");
  const { stdout } = await openssl("x509", "-in", "client.pem", "-noout", "-fingerprint", "-sha256");
  return {
    ca: file("ca.pem"),
    server: { cert: file("server.pem"), key: file("server.key") },
    client: {
      cert: file("client.pem"),
      key: file("client.key"),
      fingerprint: stdout.trim().split("=")[1]?.replaceAll(":", "").toLowerCase() ?? "",
    },
  };
}
