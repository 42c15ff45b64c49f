<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/new-password.xsl"/>
<xsl:template match="page" mode="content">
<h1>Your account</h1>
<div class="column">
<p class="lead"><xsl:value-of select="visitor/@email"/>, <xsl:value-of select="visitor/@role"/>.</p>
<xsl:apply-templates select="account/@retry-after"/>
<xsl:apply-templates select="account"/>
</div>
</xsl:template>

<xsl:template match="@retry-after"><p>You can try again in <strong id="account-retry-after"><xsl:value-of select="."/></strong> seconds.</p></xsl:template>

<xsl:template match="account[@by-web-server='yes']"><p id="account-by-web-server">The web server signs you in: password and second factor are in its hands.</p></xsl:template>
<xsl:template match="account"><xsl:apply-templates select="factor"/><xsl:apply-templates select="password"/></xsl:template>

<xsl:template match="password">
<section aria-labelledby="password-heading">
<h2 id="password-heading">Password</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">account</xsl:with-param></xsl:apply-templates>
<form id="account-password-form" class="panel" method="post" action="/settings/account/password">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<p class="field"><label for="account-current-password">Current password</label>
<input id="account-current-password" name="account[current_password]" type="password" autocomplete="current-password" required="required"><xsl:call-template name="described"><xsl:with-param name="field">current_password</xsl:with-param><xsl:with-param name="hint">account-current-hint</xsl:with-param><xsl:with-param name="prefix">account</xsl:with-param></xsl:call-template></input>
<span class="hint" id="account-current-hint">So that nobody changes it at a browser that was left open.</span></p>
<xsl:call-template name="new-password"><xsl:with-param name="name">account</xsl:with-param><xsl:with-param name="prefix">account</xsl:with-param></xsl:call-template>
<p class="fine">Your other sessions end with it.</p>
<p><button type="submit">Change password</button></p>
</form>
</section>
</xsl:template>

<xsl:template match="factor">
<section aria-labelledby="factor-heading">
<h2 id="factor-heading">Second factor</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">account-factor</xsl:with-param></xsl:apply-templates>
<p>State: <span id="account-factor-state" class="status {@state}"><xsl:apply-templates select="." mode="state"/></span></p>
<xsl:apply-templates select="." mode="do"/>
</section>
</xsl:template>

<xsl:template match="factor" mode="state">not set up</xsl:template>
<xsl:template match="factor[@state='begun']" mode="state">waits for its first code</xsl:template>
<xsl:template match="factor[@state='confirmed']" mode="state">on</xsl:template>

<xsl:template match="factor[@state='confirmed']" mode="do">
<p>Since <time datetime="{@confirmed-at}"><xsl:value-of select="@confirmed-at-text"/></time>. Recovery codes left: <strong id="account-recovery-codes"><xsl:value-of select="@recovery-codes"/></strong>.</p>
<p class="fine">To change the device, or for new recovery codes, have an owner reset it and set it up again; the operator can do so with <code>strongroom account reset-2fa</code>.</p>
</xsl:template>

<xsl:template match="factor" mode="do">
<p>With a second factor a password alone opens nothing: each sign-in also asks for a code of an authenticator app.<xsl:if test="@required='yes'"> This instance requires one: until it is confirmed you can do nothing else here.</xsl:if></p>
<xsl:if test="@state='begun'"><xsl:call-template name="factor-code"><xsl:with-param name="csrf" select="../@csrf"/></xsl:call-template></xsl:if>
<form id="account-factor-form" class="panel" method="post" action="/settings/account/second-factor">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<p class="field"><label for="account-factor-current-password">Current password</label>
<input id="account-factor-current-password" name="factor[current_password]" type="password" autocomplete="current-password" required="required"><xsl:call-template name="described"><xsl:with-param name="field">current_password</xsl:with-param><xsl:with-param name="hint">account-factor-current-hint</xsl:with-param><xsl:with-param name="prefix">account-factor</xsl:with-param></xsl:call-template></input>
<span class="hint" id="account-factor-current-hint">So that nobody sets up his own at a browser that was left open.</span></p>
<p><button type="submit"><xsl:if test="@state='begun'"><xsl:attribute name="class">quiet</xsl:attribute></xsl:if>Set up<xsl:if test="@state='begun'"> anew</xsl:if></button></p>
</form>
</xsl:template>

<xsl:include href="../parts/factor-code.xsl"/>
</xsl:stylesheet>
