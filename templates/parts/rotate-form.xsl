<?xml version="1.0" encoding="UTF-8"?>
<!-- A new value for a secret: says what it does, and is for the version that was seen. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="rotate">
<section aria-labelledby="rotate-heading">
<h2 id="rotate-heading"><xsl:apply-templates select="." mode="heading"/></h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-secret</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="changed"/>
<form id="settings-security-secret-rotate-form" class="panel grid" method="post" action="/settings/security/secrets/{../secret/@id}/rotate">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<input type="hidden" name="security_secret[expected]" value="{@expected}"/>
<input type="hidden" name="security_secret[request]" value="{@request}"/>
<p class="field"><label for="security-secret-value">New value</label>
<textarea id="security-secret-value" class="concealed" name="security_secret[value]" rows="3" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:call-template name="described"><xsl:with-param name="field">value</xsl:with-param><xsl:with-param name="hint">security-secret-value-hint</xsl:with-param><xsl:with-param name="prefix">settings-security-secret</xsl:with-param></xsl:call-template></textarea>
<span class="hint" id="security-secret-value-hint">8 to 65536 bytes, one line or several. Never shown again.</span></p>
<p class="field"><label for="security-secret-expires-at">Expires at (UTC)</label>
<input id="security-secret-expires-at" name="security_secret[expires_at]" type="datetime-local" value="{@expires-at}" autocomplete="off"><xsl:call-template name="described"><xsl:with-param name="field">expires_at</xsl:with-param><xsl:with-param name="hint">security-secret-expires-at-hint</xsl:with-param><xsl:with-param name="prefix">settings-security-secret</xsl:with-param></xsl:call-template></input>
<span class="hint" id="security-secret-expires-at-hint">Of the new value; may be left empty.</span></p>
<div class="wide"><xsl:apply-templates select="." mode="happens"/></div>
<p class="field wide"><label class="box" for="security-secret-confirm"><input id="security-secret-confirm" name="confirm" type="checkbox" value="yes" required="required"><xsl:if test="error/@field='confirm'"><xsl:attribute name="aria-invalid">true</xsl:attribute><xsl:attribute name="aria-describedby">settings-security-secret-error</xsl:attribute></xsl:if></input><span>Yes, make this value version <xsl:value-of select="@becomes"/></span></label></p>
<p class="actions"><button type="submit"><xsl:apply-templates select="." mode="button"/></button></p>
</form>
</section>
</xsl:template>

<xsl:template match="rotate" mode="heading">Rotate</xsl:template>
<xsl:template match="rotate[../secret/@state='revoked']" mode="heading">Store a new value</xsl:template>
<xsl:template match="rotate" mode="button">Rotate to version <xsl:value-of select="@becomes"/></xsl:template>
<xsl:template match="rotate[../secret/@state='revoked']" mode="button">Store as version <xsl:value-of select="@becomes"/></xsl:template>

<xsl:template match="rotate" mode="happens">
<p>Programs are given the new value from then on. Version <xsl:value-of select="@expected"/> stays sealed in the database but is not given out any more, and it stays masked in pages and logs for <xsl:value-of select="../@retention-days"/> days. The former credential works at its provider until it is withdrawn there.</p>
</xsl:template>
<xsl:template match="rotate[../secret/@state='revoked']" mode="happens">
<p>The secret becomes active again, with the new value alone. What was revoked stays destroyed.</p>
</xsl:template>

<xsl:template match="changed">
<div class="panel changed" id="settings-security-secret-changed"><p>Your form was made for version <strong><xsl:value-of select="@seen"/></strong>. The secret is at version <strong><xsl:value-of select="@now"/></strong> now, <xsl:apply-templates select="../../secret/@state" mode="word"/>, changed last on <time datetime="{../../secret/@updated-at}"><xsl:value-of select="../../secret/@updated-at-text"/></time>; the history below says who did it. The form is for that version now; the value must be entered again.</p></div>
</xsl:template>
</xsl:stylesheet>
