<?xml version="1.0" encoding="UTF-8"?>
<!-- The form that stores a secret, or rotates one whose name exists. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="security/form[@may-write='no']" priority="2"><p class="empty">Your role may look at metadata and history, not store secrets.</p></xsl:template>

<xsl:template match="security/form">
<section aria-labelledby="secret-form-heading">
<h2 id="secret-form-heading">Store or rotate a secret</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-secret</xsl:with-param></xsl:apply-templates>
<form id="settings-security-secret-form" class="panel grid" method="post" action="/settings/security">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<input type="hidden" name="security_secret[request]" value="{@request}"/>
<p class="field"><label for="security-secret-scope">Scope</label>
<select id="security-secret-scope" name="security_secret[scope]"><xsl:call-template name="secret-described"><xsl:with-param name="field">scope</xsl:with-param></xsl:call-template>
<option value="instance"><xsl:apply-templates select="@scope[.='instance']" mode="selected"/>instance</option>
<option value="project"><xsl:apply-templates select="@scope[.='project']" mode="selected"/>project</option>
<option value="integration"><xsl:apply-templates select="@scope[.='integration']" mode="selected"/>integration</option>
</select>
<span class="hint" id="security-secret-scope-hint">What the secret is for: all of this instance, one project, or an integration.</span></p>
<p class="field"><label for="security-secret-project">Project id</label>
<input id="security-secret-project" name="security_secret[project]" type="text" value="{@project}" autocomplete="off" spellcheck="false" autocapitalize="none"><xsl:call-template name="secret-described"><xsl:with-param name="field">project</xsl:with-param></xsl:call-template></input>
<span class="hint" id="security-secret-project-hint">For scope project only.</span></p>
<p class="field"><label for="security-secret-name">Name</label>
<input id="security-secret-name" name="security_secret[name]" type="text" value="{@secret-name}" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:call-template name="secret-described"><xsl:with-param name="field">name</xsl:with-param></xsl:call-template></input>
<span class="hint" id="security-secret-name-hint">For example <code>providers/anthropic_api_key</code>. Saving a name that exists rotates it.</span></p>
<p class="field"><label for="security-secret-value">Value</label>
<textarea id="security-secret-value" class="concealed" name="security_secret[value]" rows="3" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:call-template name="secret-described"><xsl:with-param name="field">value</xsl:with-param></xsl:call-template></textarea>
<span class="hint" id="security-secret-value-hint">8 to 65536 bytes, one line or several, as in a PEM file. Never shown again.</span></p>
<p class="field"><label for="security-secret-expires-at">Expires at (UTC)</label>
<input id="security-secret-expires-at" name="security_secret[expires_at]" type="datetime-local" value="{@expires-at}" autocomplete="off"><xsl:call-template name="secret-described"><xsl:with-param name="field">expires_at</xsl:with-param></xsl:call-template></input>
<span class="hint" id="security-secret-expires-at-hint">May be left empty.</span></p>
<p class="actions"><button type="submit">Save secret</button></p>
</form>
</section>
</xsl:template>

<xsl:template match="@scope" mode="selected"><xsl:attribute name="selected">selected</xsl:attribute></xsl:template>

<xsl:template name="secret-described">
<xsl:param name="field"/>
<xsl:call-template name="described">
<xsl:with-param name="field" select="$field"/>
<xsl:with-param name="hint" select="concat('security-secret-', translate($field, '_', '-'), '-hint')"/>
<xsl:with-param name="prefix">settings-security-secret</xsl:with-param>
</xsl:call-template>
</xsl:template>
</xsl:stylesheet>
