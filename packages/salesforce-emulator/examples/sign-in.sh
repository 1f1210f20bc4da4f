#!/bin/sh
# Signs in to the sample org in each way there is, with curl and openssl: sh examples/sign-in.sh [URL]
set -eu
org=${1:-http://127.0.0.1:8083}
client=3MVG9.emulator.sample.client.id
secret=EMULATOR0SAMPLE0CLIENT0SECRET
user=integration@emulator.example
callback=http://localhost:3000/oauth/callback
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
token() {
  curl -sS --fail-with-body "$org/services/oauth2/token" -d client_id=$client "$@"
  echo
}
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

echo '1. Username and password; the security token follows the password'
token -d client_secret=$secret -d grant_type=password -d username=$user \
  -d password=Emulator-Pass-1SampleSecurityToken00001

echo '2. Client credentials: as the runAs user of the app'
token -d client_secret=$secret -d grant_type=client_credentials

echo '3. Web server flow with PKCE'
verifier=$(openssl rand 48 | base64url)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64url)
page="$org/services/oauth2/authorize"
# A person opens this page in a browser, logs in and allows access. Here curl fills in both forms.
form=$(curl -sS -c "$work/cookies" -G "$page" -d response_type=code -d client_id=$client \
  --data-urlencode redirect_uri=$callback -d code_challenge="$challenge" |
  sed -n 's/.*name="authorization" value="\([^"]*\)".*/\1/p')
send() { curl -sS -o "$work/page" -w '%{redirect_url}' -b "$work/cookies" "$page" -d authorization="$form" "$@"; }
location=$(send -d username=$user -d password=Emulator-Pass-1)
[ -n "$location" ] || location=$(send -d decision=allow)
code=$(printf %s "$location" | sed 's/.*[?&]code=\([^&]*\).*/\1/')
token -d client_secret=$secret -d grant_type=authorization_code -d code="$code" \
  -d redirect_uri=$callback -d code_verifier="$verifier"

echo '4. JWT bearer, signed with a key of our own; the app was allowed access in step 3'
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sample \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2>"$work/log"
certificate=$(awk '{ printf "%s\\n", $0 }' "$work/certificate.pem")
curl -sS --fail-with-body -X PUT "$org/emulator/connected-apps/$client/certificate" \
  -H 'Content-Type: application/json' -d "{\"certificate\": \"$certificate\"}"
claims="{\"iss\":\"$client\",\"sub\":\"$user\",\"aud\":\"$org\",\"exp\":$(($(date +%s) + 120))}"
unsigned="$(printf '{"alg":"RS256"}' | base64url).$(printf %s "$claims" | base64url)"
signature=$(printf %s "$unsigned" | openssl dgst -sha256 -sign "$work/key.pem" -binary | base64url)
token -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion="$unsigned.$signature"
