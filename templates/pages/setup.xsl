<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/checks.xsl"/>
<xsl:include href="../parts/setup-providers.xsl"/>
<xsl:template match="page" mode="content">
<h1>Set-up</h1>
<xsl:apply-templates select="setup" mode="lead"/>
<xsl:apply-templates select="setup/checks"/>
<xsl:apply-templates select="setup/form"/>
<xsl:apply-templates select="setup/providers"/>
</xsl:template>

<xsl:template match="setup[@state='open']" mode="lead"><p class="lead">Three steps: look at the system check, create the owner’s account, and give at least one provider its credential.</p></xsl:template>
<xsl:template match="setup[@state='closed']" mode="lead"><p class="lead" id="setup-closed">Set-up is complete; this instance has its owner. <a href="/login?next=/setup">Sign in</a> to see its providers.</p></xsl:template>
<xsl:template match="setup[@state='providers']" mode="lead"><p class="lead" id="setup-step">The owner’s account is there. One step is left: give at least one provider its credential.</p></xsl:template>
<xsl:template match="setup[@state='done']" mode="lead"><p class="lead" id="setup-done">Set-up is complete. You can come back at any time to check or add providers.</p></xsl:template>
<xsl:template match="setup" mode="lead"><p class="lead">The database does not answer as it should, so set-up cannot go on yet.</p></xsl:template>

<xsl:template match="form">
<section aria-labelledby="owner-heading">
<h2 id="owner-heading">Owner</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">setup</xsl:with-param></xsl:apply-templates>
<form id="setup-form" class="panel" method="post" action="/setup">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:apply-templates select="@token-needed[.='yes']"/>
<p class="field"><label for="setup-email">E-mail address</label>
<input id="setup-email" name="setup[email]" type="email" value="{@email}" autocomplete="username" required="required" maxlength="254"><xsl:call-template name="described"><xsl:with-param name="field">email</xsl:with-param><xsl:with-param name="hint">setup-email-hint</xsl:with-param><xsl:with-param name="prefix">setup</xsl:with-param></xsl:call-template></input>
<span class="hint" id="setup-email-hint">You sign in with it; it is the actor in the audit history.</span></p>
<p class="field"><label for="setup-password">Password</label>
<input id="setup-password" name="setup[password]" type="password" autocomplete="new-password" required="required" minlength="12"><xsl:call-template name="described"><xsl:with-param name="field">password</xsl:with-param><xsl:with-param name="hint">setup-password-hint</xsl:with-param><xsl:with-param name="prefix">setup</xsl:with-param></xsl:call-template></input>
<span class="hint" id="setup-password-hint">At least 12 characters; a sentence of several words is easy to keep in mind.</span></p>
<p class="field"><label for="setup-password-confirmation">Password, once more</label>
<input id="setup-password-confirmation" name="setup[password_confirmation]" type="password" autocomplete="new-password" required="required" minlength="12"><xsl:call-template name="described"><xsl:with-param name="field">password_confirmation</xsl:with-param><xsl:with-param name="hint">setup-password-hint</xsl:with-param><xsl:with-param name="prefix">setup</xsl:with-param></xsl:call-template></input></p>
<p><button type="submit">Create owner</button></p>
</form>
</section>
</xsl:template>

<xsl:template match="form/@token-needed">
<p class="field"><label for="setup-token">Set-up code</label>
<input id="setup-token" name="setup[token]" type="password" autocomplete="off" required="required"><xsl:for-each select=".."><xsl:call-template name="described"><xsl:with-param name="field">token</xsl:with-param><xsl:with-param name="hint">setup-token-hint</xsl:with-param><xsl:with-param name="prefix">setup</xsl:with-param></xsl:call-template></xsl:for-each></input>
<span class="hint" id="setup-token-hint">The part of the one-time link after “token=”. If you open the link itself, this field is not asked for.</span></p>
</xsl:template>
</xsl:stylesheet>
