<?xml version="1.0" encoding="UTF-8"?>
<!-- Alerts and notices on top of a page. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="alert">
<div class="panel alert" role="alert" id="security-alert">
<h2>Security alert</h2>
<p><xsl:apply-templates select="." mode="reason"/></p>
<p>Tell your security lead the correlation id at the foot of this page. Reason: <code id="security-alert-cause"><xsl:value-of select="@cause"/></code>. See <a href="/errors/ui_redaction_failed">ui_redaction_failed</a>.</p>
</div>
</xsl:template>

<xsl:template match="alert[@cause='rendered']" mode="reason">A secret was found in this page after it was rendered. All free text on it has been suppressed, and the event was recorded.</xsl:template>
<xsl:template match="alert" mode="reason">The redactor could not clear some content of this page, so it was suppressed.</xsl:template>

<xsl:template match="notice">
<div class="panel notice" role="status" id="notice">
<p><xsl:apply-templates select="." mode="text"/></p>
</div>
</xsl:template>

<xsl:template match="notice[@kind='signed-out']" mode="text">You have signed out.</xsl:template>
<xsl:template match="notice[@kind='session-ended']" mode="text">Your session has ended: it was idle for too long, reached its maximum age, or was ended. Please sign in again.</xsl:template>
<xsl:template match="notice[@kind='owner-created']" mode="text">The owner’s account is ready. Sign in to go on with the providers.</xsl:template>
<xsl:template match="notice[@kind='saved']" mode="text">
<xsl:text>Stored </xsl:text>
<a href="/settings/security/secrets/{secret/@id}"><xsl:value-of select="secret/@scope"/>/<xsl:value-of select="secret/@secret-name"/></a>
<xsl:text> sealed, as key version </xsl:text>
<strong><xsl:value-of select="secret/@key-version"/></strong>
<xsl:text>.</xsl:text>
</xsl:template>
<xsl:template match="notice[@kind='rotated']" mode="text">Rotated. The new value is sealed and in use; withdraw the former one at its provider.</xsl:template>
<xsl:template match="notice[@kind='revoked']" mode="text">Revoked. The keys that its values were sealed with are destroyed. Withdraw the credential at its provider as well.</xsl:template>
<xsl:template match="notice[@kind='api-key-revoked']" mode="text">The API key is revoked. It stopped working at once.</xsl:template>
<xsl:template match="notice[@kind='session-revoked']" mode="text">The session is revoked. Its next request is asked to sign in.</xsl:template>
<xsl:template match="notice[@kind='account-made']" mode="text">Your account is ready. Sign in with your address and the password that you chose.</xsl:template>
<xsl:template match="notice[@kind='password-changed']" mode="text">Your password is changed. Your other sessions have ended.</xsl:template>
<xsl:template match="notice[@kind='recovery-code-used']" mode="text">You signed in with a recovery code; it does not work again. How many are left is below.</xsl:template>
<xsl:template match="notice[@kind='account-role']" mode="text">The role is set. If it was lowered, the account’s sessions have ended.</xsl:template>
<xsl:template match="notice[@kind='account-disabled']" mode="text">The account is disabled, and its sessions have ended.</xsl:template>
<xsl:template match="notice[@kind='account-enabled']" mode="text">The account is enabled. It can sign in again.</xsl:template>
<xsl:template match="notice[@kind='account-removed']" mode="text">The account is removed. The audit keeps what it did.</xsl:template>
<xsl:template match="notice[@kind='second-factor-reset']" mode="text">The second factor is reset: the password is enough until another one is set up. The account’s sessions have ended.</xsl:template>
<xsl:template match="notice[@kind='invitation-withdrawn']" mode="text">The invitation is withdrawn. Its link does not work any more.</xsl:template>
<xsl:template match="notice[@kind='provider-saved']" mode="text">The credential is stored sealed, and was checked. What the check found is below.</xsl:template>
<xsl:template match="notice[@kind='provider-checked']" mode="text">The provider’s credential was checked. What the check found is below.</xsl:template>
<xsl:template match="notice[@kind='project-created']" mode="text">The project is made. Bind environment variables to stored secrets below; its runs find them.</xsl:template>
<xsl:template match="notice[@kind='project-changed']" mode="text">Changed. It counts for artifacts that are sent from now on.</xsl:template>
<xsl:template match="notice[@kind='bound']" mode="text">Bound. Runs that start from now on find the value in that variable.</xsl:template>
<xsl:template match="notice[@kind='unbound']" mode="text">The binding is removed. Runs that hold the value already keep it until they end.</xsl:template>
<xsl:template match="notice[@kind='run-approved']" mode="text">Approved. The run goes on.</xsl:template>
<xsl:template match="notice[@kind='run-rejected']" mode="text">Rejected. The run was told.</xsl:template>
<xsl:template match="notice[@kind='run-cancelled']" mode="text">Cancelled. The run’s hold on credentials has ended; its program is told at its next call.</xsl:template>
<xsl:template match="notice[@kind='setup-complete']" mode="text">Set-up is complete: at least one provider is active.</xsl:template>
<xsl:template match="notice[@kind='rotation-begun']" mode="text">The rotation began. How it stands is below, at “Latest rotation”.</xsl:template>
<xsl:template match="notice[@kind='rotation-cancelled']" mode="text">The rotation is cancelled. How it ended is below, at “Latest rotation”.</xsl:template>
</xsl:stylesheet>
